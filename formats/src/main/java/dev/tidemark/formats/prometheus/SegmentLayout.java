package dev.tidemark.formats.prometheus;

/// The bytes of a segment: one file of a Prometheus or Loki log.
///
/// ```
/// segment   pages of 32 KiB, without any header; a record never leaves its segment
///           ┌──────────┬──────────┬──────────┬────
///           │   page   │   page   │   page   │ …     only the last one may be short: a crash
///           └──────────┴──────────┴──────────┴────
/// page      fragments, then zeros where fewer than 7 bytes are left, or where the segment was closed
///           ┌──────────────┬────────────────────┬───┬──────┐
///           │   fragment   │      fragment      │ … │ 0000 │
///           └──────────────┴────────────────────┴───┴──────┘
/// fragment  a record, or the part of one that fits its page
///           ┌──────┬───────────┬───────────────────┬────
///           │ kind │  length   │ CRC-32C of data   │ data
///           └──────┴───────────┴───────────────────┴────
///           0      1           3                   7        both numbers most significant byte first
/// kind      ┌─────┬──────┬────────┬─────────────────────────────────────────────────────────────┐
///           │ 000 │ zstd │ snappy │ 0 padding, 1 full, 2 first, 3 middle, 4 last (three bits)     │
///           └─────┴──────┴────────┴─────────────────────────────────────────────────────────────┘
/// ```
///
/// The checksum is plain, not masked as LevelDB's is, and does not cover the byte before it. A
/// record is compressed as a whole before it is cut up, and all its fragments say so.
///
/// Source: prometheus/prometheus, tsdb/docs/format/wal.md and tsdb/wlog/wlog.go.
public final class SegmentLayout {
  /// Bytes of a page.
  public static final int PAGE_BYTES = 32 << 10;

  /// Bytes of a segment, unless somebody asks for others: a soft limit.
  public static final long SEGMENT_BYTES = 128L << 20;

  static final int KIND_OFFSET = 0;
  static final int LENGTH_OFFSET = 1;
  static final int CHECKSUM_OFFSET = 3;
  static final int HEADER_BYTES = 7;
  static final int MOST_DATA_BYTES = PAGE_BYTES - HEADER_BYTES;

  static final int KIND_MASK = 0b111;
  static final int PADDING = 0;
  static final int FULL = 1;
  static final int FIRST = 2;
  static final int MIDDLE = 3;
  static final int LAST = 4;

  static final int SNAPPY_FLAG = 1 << 3;
  static final int ZSTD_FLAG = 1 << 4;

  /// The largest record that is read or written, as it is stored. Prometheus itself has no limit.
  static final int MOST_STORED_BYTES = 1 << 30;

  /// The largest record that is decompressed, and compressed: larger ones are stored as they are. A
  /// few kilobytes of Zstandard may stand for any number of bytes, so this bounds the memory that a
  /// file can make a reader take. Prometheus itself has no limit; its records have some megabytes
  /// at most.
  static final int MOST_DECOMPRESSED_BYTES = 32 << 20;

  private SegmentLayout() {}

  /// Where the page ends in which a byte is.
  static long pageEnd(long offset) {
    return (offset / PAGE_BYTES + 1) * PAGE_BYTES;
  }
}
