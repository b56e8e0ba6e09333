package dev.tidemark.leveldb;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/// Tables in memory, for tests.
final class Tables {
  static final BlockCache NO_CACHE = new BlockCache(0);

  private Tables() {}

  /// {@return the bytes of a table}
  static byte[] write(SortedMap<byte[], byte[]> keys, boolean snappy, int blockBytes)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (StorageFile file = disk.create("table")) {
      TableWriter writer = new TableWriter(file, snappy, blockBytes);
      for (var key : keys.entrySet()) {
        writer.add(key.getKey(), key.getValue());
      }
      writer.finish();
    }
    return disk.bytes("table");
  }

  static Table open(byte[] bytes) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.replace("table", bytes);
    return Table.open(disk.openForRead("table"), 1, bytes.length, NO_CACHE);
  }

  /// {@return all keys of a table}
  static SortedMap<byte[], byte[]> read(byte[] bytes) throws IOException {
    SortedMap<byte[], byte[]> keys = sorted();
    try (Table table = open(bytes);
        TableCursor cursor = table.cursor(false, null)) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        keys.put(cursor.key(), cursor.value());
      }
    }
    return keys;
  }

  static SortedMap<byte[], byte[]> sorted() {
    return new TreeMap<>(InternalKeys::compare);
  }
}
