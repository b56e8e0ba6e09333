package dev.tidemark.ingest.record;

import dev.tidemark.ingest.lineprotocol.Precision;

/// The bytes of the records in a shard log. Numbers are little-endian, texts UTF-8. The log's
/// checksums vouch for the bytes; reading them still bounds every length.
///
/// ```
/// ENVELOPE              INTENT                  DONE
///  0 kind 1        u8    0 kind 2         u8     0 kind 3         u8
///  1 version 1     u8    1 version 1      u8     1 version 1      u8
///  2 format        u8    2 shard         u16     2 shard         u16
///  3 precision     u8    4 catalog LSN   i64     4 to            i64
///  4 arrival nanos i64  12 from          i64    12 files         i32
/// 12 rejected      i32  20 to            i64    16 rows          i64
/// 16 database      t8   28 database       t8    24 database       t8
///    key           k16     measurement    t8       measurement    t8
///    body          rest
/// ```
///
/// `t8` is a length of 1 byte and so many bytes; `k16` is 0 for none, else 1, a length of 2 bytes
/// and so many bytes. Format 1 is line protocol. The precision is 1 to 6: ns, us, ms, s, minutes,
/// hours.
final class RecordLayout {
  static final byte ENVELOPE = 1;
  static final byte INTENT = 2;
  static final byte DONE = 3;
  static final byte VERSION = 1;
  static final byte LINE_PROTOCOL = 1;

  static final int KIND = 0;
  static final int FORMAT = 2;
  static final int PRECISION = 3;
  static final int ARRIVAL = 4;
  static final int REJECTED = 12;
  static final int ENVELOPE_TEXTS = 16;

  static final int SHARD = 2;
  static final int INTENT_CATALOG_LSN = 4;
  static final int INTENT_FROM = 12;
  static final int INTENT_TO = 20;
  static final int INTENT_TEXTS = 28;

  static final int DONE_TO = 4;
  static final int DONE_FILES = 12;
  static final int DONE_ROWS = 16;
  static final int DONE_TEXTS = 24;

  // By index: the precision's number on disk less one. Never reordered.
  private static final Precision[] PRECISIONS = {
    Precision.NANOSECONDS,
    Precision.MICROSECONDS,
    Precision.MILLISECONDS,
    Precision.SECONDS,
    Precision.MINUTES,
    Precision.HOURS
  };

  private RecordLayout() {}

  static byte precisionNumber(Precision precision) {
    for (int i = 0; i < PRECISIONS.length; i++) {
      if (PRECISIONS[i] == precision) {
        return (byte) (i + 1);
      }
    }
    throw new IllegalArgumentException("no number for " + precision);
  }

  static Precision precision(byte number) throws UnreadableRecordException {
    if (number < 1 || number > PRECISIONS.length) {
      throw new UnreadableRecordException("precision " + number + " is not known");
    }
    return PRECISIONS[number - 1];
  }
}
