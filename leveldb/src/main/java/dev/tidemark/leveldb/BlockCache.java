package dev.tidemark.leveldb;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The blocks of tables that were read last. Safe for use by any number of threads.
final class BlockCache {

  /// Which block of which table.
  record Place(long table, long offset) {}

  private final long mostBytes;

  // Guarded by this.
  private final Map<Place, byte[]> blocks = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  /// @param mostBytes how much to keep; 0 keeps nothing
  BlockCache(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  synchronized byte @Nullable [] find(Place place) {
    return blocks.get(place);
  }

  synchronized void keep(Place place, byte[] block) {
    byte[] before = blocks.put(place, block);
    bytes += block.length - (before == null ? 0 : before.length);
    Iterator<byte[]> oldest = blocks.values().iterator();
    while (bytes > mostBytes && oldest.hasNext()) {
      bytes -= oldest.next().length;
      oldest.remove();
    }
  }
}
