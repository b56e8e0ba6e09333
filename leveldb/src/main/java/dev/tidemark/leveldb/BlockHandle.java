package dev.tidemark.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.FormatException;

/// Where a block of a table stands.
///
/// @param offset of its first byte in the file
/// @param size of its contents, without what is behind them, in bytes
record BlockHandle(long offset, long size) {

  static BlockHandle decode(ByteReader reader) throws FormatException {
    return new BlockHandle(
        reader.varint64("the offset of a block"), reader.varint64("the size of a block"));
  }

  void encode(ByteWriter writer) {
    writer.varint(offset).varint(size);
  }
}
