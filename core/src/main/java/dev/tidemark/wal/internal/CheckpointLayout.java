package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bytes of a checkpoint's file: the snapshot in pieces, each with the checksum of all up to
/// it, and a trailer.
///
/// ```
/// +--------------+-----+--------------+-----+-----+---------------+-----+---------+
/// | 65532 bytes  | CRC | 65532 bytes  | CRC | …   | 1 to 65532    | CRC | trailer |
/// +--------------+-----+--------------+-----+-----+---------------+-----+---------+
///
/// trailer
///  0                8        12       16                               32
/// +----------------+--------+--------+--------------------------------+
/// | "TIDECHKP"     |version | bytes  | log id, 128 bits               |
/// +----------------+--------+--------+--------------------------------+
///  32               40               48               56      60      64
/// +----------------+----------------+----------------+-------+-------+
/// | LSN            | generation     | length         | CRC   | CRC of|
/// |                |                |                |       | these |
/// +----------------+----------------+----------------+-------+-------+
/// ```
///
/// The CRC of a piece is a CRC-32C that runs over log id, LSN, generation (32 bytes), and the
/// snapshot from its first byte to the end of that piece; the one in the trailer and in the
/// manifest is the one of the last piece. So pieces of another checkpoint, or in another order,
/// never validate.
final class CheckpointLayout {
  /// What a piece carries at most.
  static final int PIECE_BYTES = 65532;

  static final int CRC_BYTES = 4;
  static final int TRAILER_BYTES = 64;

  private static final long MAGIC = 0x504b_4843_4544_4954L; // "TIDECHKP"
  private static final int TRAILER_CRC_AT = 60;
  private static final int NAME_LENGTH = 44;
  private static final String PREFIX = "checkpoint-";

  private CheckpointLayout() {}

  /// {@return the size of a file, in bytes}
  ///
  /// @param length the size of its snapshot
  static long fileBytes(long length) {
    long pieces = length / PIECE_BYTES + (length % PIECE_BYTES == 0 ? 0 : 1);
    return length + pieces * CRC_BYTES + TRAILER_BYTES;
  }

  /// {@return the checksum of a snapshot of which nothing was seen yet}
  static CRC32C begin(long logIdHigh, long logIdLow, long lsn, long generation) {
    ByteBuffer place = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    place.putLong(logIdHigh).putLong(logIdLow).putLong(lsn).putLong(generation).flip();
    CRC32C crc = new CRC32C();
    crc.update(place);
    return crc;
  }

  static void encodeTrailer(
      MemorySegment target, long logIdHigh, long logIdLow, CheckpointStamp stamp) {
    target.set(LONG, 0, MAGIC);
    target.set(INT, 8, SegmentHeader.FORMAT_VERSION);
    target.set(INT, 12, TRAILER_BYTES);
    target.set(LONG, 16, logIdHigh);
    target.set(LONG, 24, logIdLow);
    target.set(LONG, 32, stamp.lsn());
    target.set(LONG, 40, stamp.generation());
    target.set(LONG, 48, stamp.length());
    target.set(INT, 56, stamp.crc());
    target.set(INT, TRAILER_CRC_AT, checksum(target));
  }

  /// {@return what a trailer says, not verified; null if it is none of this log and version}
  static @Nullable CheckpointStamp decodeTrailer(
      MemorySegment trailer, long logIdHigh, long logIdLow) {
    return trailer.get(LONG, 0) != MAGIC
            || trailer.get(INT, TRAILER_CRC_AT) != checksum(trailer)
            || trailer.get(INT, 8) != SegmentHeader.FORMAT_VERSION
            || trailer.get(LONG, 16) != logIdHigh
            || trailer.get(LONG, 24) != logIdLow
        ? null
        : new CheckpointStamp(
            trailer.get(LONG, 32),
            trailer.get(LONG, 40),
            trailer.get(LONG, 48),
            trailer.get(INT, 56),
            false);
  }

  private static int checksum(MemorySegment trailer) {
    CRC32C crc = new CRC32C();
    crc.update(trailer.asSlice(0, TRAILER_CRC_AT).toArray(ValueLayout.JAVA_BYTE));
    return (int) crc.getValue();
  }

  /// {@return the generation in the name of a checkpoint's file, finished or not, or -1 if it is no
  /// such name}
  static long generationIn(String fileName) {
    String name =
        fileName.endsWith(SegmentFiles.TEMPORARY)
            ? fileName.substring(0, fileName.length() - SegmentFiles.TEMPORARY.length())
            : fileName;
    if (name.length() != NAME_LENGTH || !name.startsWith(PREFIX) || name.charAt(27) != '-') {
      return -1;
    }
    for (int i = PREFIX.length(); i < NAME_LENGTH; i++) {
      char c = name.charAt(i);
      if (i != 27 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return -1;
      }
    }
    long generation = Long.parseUnsignedLong(name, 28, NAME_LENGTH, 16);
    return generation < 0 || generation >= SegmentHeader.NUMBERS ? -1 : generation;
  }
}
