package dev.tidemark.wal.internal;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The bytes of a frame. All numbers are little-endian; frames begin at multiples of 64.
///
/// ```
///  0        4    5     6      8                16      20      24      28      32
/// +--------+----+-----+------+----------------+-------+-------+-------+-------+
/// | magic  |kind|codec| flags| first LSN      |records|stored |raw    |payload|
/// |        |    |     |      |                |       |bytes  |bytes  |CRC    |
/// +--------+----+-----+------+----------------+-------+-------+-------+-------+
/// 32               40       44                                60       64
/// +----------------+--------+---------------------------------+--------+
/// | durable LSN    |previous| zeros                           | header |
/// |                |CRC     |                                 | CRC    |
/// +----------------+--------+---------------------------------+--------+
/// 64
/// +------------------------------------------------+------------------+
/// | payload, as stored (`stored` bytes)            | zeros to 64·n    |
/// +------------------------------------------------+------------------+
///
/// payload, after decompression to `raw` bytes: the records, one behind the other
/// +--------+---------------+--------+---------------+
/// | length | bytes         | length | bytes         | …     length -1: a void record, no bytes
/// +--------+---------------+--------+---------------+
/// ```
///
/// Both CRCs are CRC-32C and begin with the frame's place: log id, segment number, nonce and byte
/// offset ([PlacedChecksum]). So bytes of another log, of an earlier life of the file or of another
/// offset never validate. `previous CRC` is the header CRC of the frame before (of the segment
/// header for the first), which makes the frames of a log one chain. Every write ends with 64 zero
/// bytes that the next write overwrites.
final class FrameLayout {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// `TMFR`, read as a little-endian number.
  static final int MAGIC = 0x5246_4d54;

  static final int ALIGNMENT = 64;
  static final int HEADER_BYTES = 64;

  static final int MAGIC_AT = 0;
  static final int KIND_AT = 4;
  static final int CODEC_AT = 5;
  static final int FLAGS_AT = 6;
  static final int FIRST_LSN_AT = 8;
  static final int RECORDS_AT = 16;
  static final int STORED_BYTES_AT = 20;
  static final int RAW_BYTES_AT = 24;
  static final int PAYLOAD_CRC_AT = 28;
  static final int DURABLE_LSN_AT = 32;
  static final int PREVIOUS_CRC_AT = 40;
  static final int ZEROS_AT = 44;
  static final int HEADER_CRC_AT = 60;

  /// Records. Both batch flags are set unless the frame is a part of a batch over several frames.
  static final int KIND_RECORDS = 1;

  /// No records: carries a durable LSN.
  static final int KIND_MARK = 2;

  /// No records: the log was closed here, and everything before is durable.
  static final int KIND_SEAL = 3;

  /// No records: holes that a salvage accepted ([HoleFrames]).
  static final int KIND_HOLE = 4;

  /// The first frame of a batch.
  static final int FLAG_FIRST = 1;

  /// The last frame of a batch; without it the batch was never there.
  static final int FLAG_LAST = 2;

  /// A reader that does not know this kind may skip the frame; without this flag it must refuse the
  /// log.
  static final int FLAG_OPTIONAL = 0x8000;

  /// The flags of a frame that is no part of a batch of several.
  static final int FLAGS_ALONE = FLAG_FIRST | FLAG_LAST;

  static final int KNOWN_FLAGS = FLAG_FIRST | FLAG_LAST | FLAG_OPTIONAL;

  /// No record has this LSN or a larger one, and a header that says so is none: so nothing that is
  /// read from a disk makes a sum of LSNs overflow.
  static final long LSNS = 1L << 62;

  /// Where a log goes on it has a smaller LSN than this: what follows stays far below [#LSNS]. Only
  /// a bug or somebody who means harm writes one so large.
  static final long LAST_START_LSN = 1L << 61;

  /// Precedes every record in the payload.
  static final int LENGTH_BYTES = 4;

  /// The length of a void record.
  static final int VOID_LENGTH = -1;

  /// A frame of several records carries at most this much payload, in bytes.
  static final int MAX_SHARED_PAYLOAD_BYTES = 256 << 10;

  /// What a reader believes at most, in bytes: the largest record there can be, and its length.
  static final int MAX_PAYLOAD_BYTES = (1 << 30) + LENGTH_BYTES;

  private FrameLayout() {}

  /// {@return the size on disk of a frame with this much stored payload, in bytes}
  static long frameBytes(int storedBytes) {
    return align(HEADER_BYTES + (long) storedBytes);
  }

  /// {@return `bytes` rounded up to a multiple of 64}
  static long align(long bytes) {
    return (bytes + (ALIGNMENT - 1)) & -ALIGNMENT;
  }
}
