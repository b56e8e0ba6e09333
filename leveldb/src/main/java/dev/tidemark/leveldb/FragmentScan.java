package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FragmentSearch;
import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Looks for anything whole behind damage at the end of a log file: what a write that was torn
/// never has, and what was written, synced and damaged later mostly does.
final class FragmentScan {
  /// More than one edit of a manifest takes; a look at every byte must end soon.
  private static final int MOST_BYTES = 64 << 10;

  private FragmentScan() {}

  /// {@return whether a fragment whose checksum holds begins behind an offset, or there is too much
  /// to look}
  static boolean findsWhole(StorageFile file, long offset) throws IOException {
    long left = file.size() - offset;
    if (left > MOST_BYTES) {
      return true;
    }
    if (left <= LogLayout.HEADER_BYTES) {
      return false;
    }
    byte[] bytes;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(left);
      int got = file.read(offset, memory);
      bytes = memory.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    }
    return FragmentSearch.forLevelDb().first(bytes, 1, bytes.length) >= 0;
  }
}
