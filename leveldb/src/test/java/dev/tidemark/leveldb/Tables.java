package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.leveldb.MaskedCrc;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

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

  /// {@return a table of blocks with any contents, one behind the other, checksums right}
  ///
  /// @param contents of its blocks
  /// @param index contents of the last block, which the footer names
  /// @param packed whether the blocks but for the index are said to be packed by Snappy
  static byte[] of(List<byte[]> contents, byte[] index, boolean packed) {
    ByteWriter table = new ByteWriter(256);
    contents.forEach(block -> block(table, block, packed));
    int indexAt = table.size();
    block(table, index, false);
    int footerAt = table.size();
    new BlockHandle(0, 0).encode(table);
    new BlockHandle(indexAt, index.length).encode(table);
    while (table.size() < footerAt + TableLayout.MAGIC_AT) {
      table.octet(0);
    }
    return bytes(table.int64LittleEndian(TableLayout.MAGIC).written());
  }

  private static void block(ByteWriter table, byte[] contents, boolean packed) {
    int compression = packed ? TableLayout.SNAPPY : TableLayout.UNCOMPRESSED;
    CRC32C crc = new CRC32C();
    crc.update(contents);
    crc.update(compression);
    table.bytes(ByteBuffer.wrap(contents)).octet(compression);
    table.int32LittleEndian(MaskedCrc.mask((int) crc.getValue()));
  }

  static ByteBuffer encoded(BlockHandle handle) {
    ByteWriter writer = new ByteWriter(20);
    handle.encode(writer);
    return writer.written();
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(buffer.position(), copy);
    return copy;
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
