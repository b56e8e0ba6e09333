package dev.tidemark.formats.banyandb;

/// The bytes of a segment, which are batches and nothing else: no header, no checksums.
///
/// ```
/// batch    8  batchBytes     of all its entries, with their lengths
///             entry*         one of each series
/// entry    8  entryBytes     of what follows in this entry: the payload of a record
///          2  seriesBytes
///             series
///          4  count          of timestamps, and of values
///          2  timestampBytes
///             timestamps     a bit stream: see [TimestampReader]
///             values         the rest: one raw Snappy block of (2 valueBytes, value)*
/// ```
///
/// All numbers are without a sign, the least significant byte first. Source: the code of
/// apache/skywalking-banyandb v0.5.0, `pkg/wal/wal.go`; its `docs/concept/wal.md` describes another
/// layout, which no release wrote.
final class BatchLayout {
  /// Of a batch's length, and of an entry's.
  static final int LENGTH_BYTES = 8;

  /// The largest that `seriesBytes`, `timestampBytes` and `valueBytes` can say.
  static final int MAX_SHORT = 65_535;

  /// Of an entry's payload, at least: its three lengths, and a Snappy block of nothing.
  static final int LEAST_ENTRY_BYTES = 2 + 4 + 2 + 1;

  /// Before each value.
  static final int VALUE_LENGTH_BYTES = 2;

  private BatchLayout() {}
}
