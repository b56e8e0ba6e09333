package dev.tidemark.formats.leveldb;

/// The bytes of a write batch, the payload of a record of the log, after google/leveldb,
/// db/write_batch.cc.
///
/// ```
///  0          8       12
/// +----------+-------+------ - -
/// | sequence | count | operations
/// +----------+-------+------ - -
///   sequence    the number of the first operation; each next one has one more. 64 bits, least
///               significant byte first
///   count       how many operations follow. 32 bits, least significant byte first
///   operation   1, key, value: sets a key; or 0, key: removes it. Keys and values stand behind their
///               length, a varint
/// ```
final class BatchLayout {
  static final int SEQUENCE_AT = 0;
  static final int COUNT_AT = 8;
  static final int HEADER_BYTES = 12;

  static final int DELETE = 0;
  static final int PUT = 1;

  private BatchLayout() {}
}
