package dev.tidemark.formats.rocksdb;

/// The payload of a record of RocksDB's log, after facebook/rocksdb, db/write_batch.cc and
/// db/dbformat.h: LevelDB's write batch, header ([dev.tidemark.formats.leveldb.BatchHeader]) and
/// operations, with more kinds of these.
///
/// ```
///  0          8       12
/// +----------+-------+-----------+-----------+- - -
/// | sequence | count | operation | operation |
/// +----------+-------+-----------+-----------+- - -
///   operation  tag (1), then, as the tag says: the column family, a varint; bytes, each behind their
///              length, a varint
/// ```
///
/// Tags and what follows them are the constants of [Operation]. The count is of those that write;
/// what is said about transactions, and notes, do not count. Numbers have their least significant
/// byte first.
final class BatchLayout {
  /// The size of the time at the end of a value that is written with one, in bytes.
  static final int WRITE_TIME_BYTES = 8;

  private BatchLayout() {}
}
