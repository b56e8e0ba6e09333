package dev.tidemark.leveldb;

/// The bytes of a table file, after google/leveldb, doc/table_format.md, table/format.h and
/// table/block_builder.cc:
///
/// ```
/// +-------------+ - - +---------------+-----------+-------------+--------+
/// | data block   |     | filter block, | metaindex | index block | footer |
/// | (4 KiB each) |     | if any        | block     |             | (48)   |
/// +-------------+ - - +---------------+-----------+-------------+--------+
/// block:   contents | compression (1) | masked CRC-32C of contents and compression (4)
/// handle:  offset varint64 | size varint64, of the contents alone
/// footer:  handle of metaindex | handle of index | zeros up to 40 bytes | magic (8)
/// contents: key and value, again and again | restarts (4 each) | count of restarts (4)
/// key and value:
///   bytes shared with the key before, varint32 | other bytes of the key, varint32 |
///   bytes of the value, varint32 | those bytes of the key | value
/// ```
///
/// All numbers are least significant byte first. At a restart nothing is shared, so that a search
/// can begin there: every 16th key of a data block, every key of the index. The index holds, for
/// each data block, a key at or behind its last and before the next block's first, and the block's
/// handle.
final class TableLayout {
  /// Behind the contents of a block, in bytes.
  static final int TRAILER_BYTES = 5;

  static final int COMPRESSION_BYTES = 1;

  /// At the end of the file, in bytes.
  static final int FOOTER_BYTES = 48;

  /// Where the magic number begins in the footer.
  static final int MAGIC_AT = 40;

  static final long MAGIC = 0xdb4775248b80fb57L;

  /// Of one restart, and of their count, in bytes.
  static final int RESTART_BYTES = 4;

  static final int UNCOMPRESSED = 0;
  static final int SNAPPY = 1;
  static final int ZSTANDARD = 2;

  /// How many keys of a data block share what they begin with.
  static final int RESTART_INTERVAL = 16;

  /// How large the contents of a data block grow before the next one begins.
  static final int BLOCK_BYTES = 4096;

  private TableLayout() {}
}
