package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The header of a segment. It stands twice in the file: in its first 256 bytes and in its last, so
/// that no torn or rotten sector takes both.
///
/// ```
///   0                8        12       16                               32
/// +----------------+--------+--------+--------------------------------+
/// | "TIDEMARK"     |version | bytes  | log id, 128 bits               |
/// +----------------+--------+--------+--------------------------------+
///  32               40               48               56              64
/// +----------------+----------------+----------------+----------------+
/// | segment number | nonce          | file size      | first LSN      |
/// +----------------+----------------+----------------+----------------+
///  64               72               80               88      96  100  104
/// +----------------+----------------+----------------+---------+---+---+
/// | previous number| previous nonce | previous end   | previous|CRC|fl.|
/// |                |                |                | last LSN|   |   |
/// +----------------+----------------+----------------+---------+---+---+
///  104              112              120                      252     256
/// +----------------+----------------+-------------------------+--------+
/// | durable LSN    | activated at   | zeros                   | CRC    |
/// +----------------+----------------+-------------------------+--------+
/// ```
///
/// It is the authority on the segment before it: where that one's frames end, its last LSN, and the
/// checksum of its last frame (`CRC` at 96). If `first LSN` is larger than the previous last LSN
/// plus 1, the LSNs between were discarded by a recovery and never exist again.
///
/// @param logIdHigh the upper half of the log's random id
/// @param logIdLow the lower half
/// @param number the segment's number, which its file is named after
/// @param nonce random, different in each life of the file
/// @param fileBytes the size of the file
/// @param firstLsn the smallest LSN it may hold
/// @param previousNumber the number of the segment before, 0 if it is the first of the log
/// @param previousNonce the nonce of the segment before
/// @param previousEnd where the frames of the segment before end, in bytes
/// @param previousLastLsn the last LSN of the segment before
/// @param previousCrc the header CRC of the last frame of the segment before
/// @param durableLsn promised durable when this was written
/// @param flags [#RECYCLED], [#SALVAGED], [#REBUILT], or 0
/// @param activatedMillis when it was activated, by the clock on the wall, in milliseconds since
///   1970; for showing and for retention by age, never for order
record SegmentHeader(
    long logIdHigh,
    long logIdLow,
    long number,
    long nonce,
    long fileBytes,
    long firstLsn,
    long previousNumber,
    long previousNonce,
    long previousEnd,
    long previousLastLsn,
    int previousCrc,
    long durableLsn,
    int flags,
    long activatedMillis) {

  /// The draft format; it becomes 1 when it is frozen.
  static final int FORMAT_VERSION = 0;

  /// The size of one copy, and where the first frame begins.
  static final int BYTES = 256;

  /// The size of the smallest file there can be.
  static final int MIN_FILE_BYTES = 1024;

  /// No file is as large as this, and a header that says so is none: so nothing that is read from a
  /// disk makes a sum of offsets overflow.
  static final long FILE_BYTES = 1L << 62;

  /// The file may have had another life: what is behind the frames need not be zeros.
  static final int RECYCLED = 1;

  /// A salvage started this segment: HOLE frames stand at its head ([HoleFrames]), and whatever an
  /// older manifest says, the log is what this header links.
  static final int SALVAGED = 2;

  /// A salvage made this header up from what else is known. It counts only if a hole was accepted
  /// in its segment: without one, the salvage did not end.
  static final int REBUILT = 4;

  /// No segment has this number or a larger one: a file that is named after one is not the log's,
  /// and there is always a next number.
  static final long NUMBERS = 1L << 62;

  /// No log ever counts this far, neither segments nor generations: one that seems to have done so
  /// is refused, while there is room up to [#NUMBERS].
  static final long UNREACHED = 1L << 61;

  /// A file whose name counts so much further than the log does is none of the log's: the log must
  /// not count on from there.
  static final long FAR = 1L << 40;

  private static final String SUFFIX = ".wal";
  private static final String GONE_SUFFIX = ".gone";

  private static final long MAGIC = 0x4b52_414d_4544_4954L; // "TIDEMARK"
  private static final int CRC_AT = 252;

  /// What stands where a header is looked for.
  sealed interface Found {
    /// A whole header of this version.
    record Valid(SegmentHeader header) implements Found {}

    /// Nothing but zeros.
    record Zeros() implements Found {}

    /// Something else.
    record Damaged() implements Found {}

    /// A whole header of another segment than the file is named after: the file is a copy, or has
    /// two names since a power cut came amid a rename.
    record Misnamed() implements Found {}

    /// A whole header of a version this code does not know.
    record TooNew(int version) implements Found {}
  }

  /// Where frames must end at the latest, in bytes: behind them stand the 64 zero bytes of the last
  /// write and the second copy of the header.
  static long limit(long fileBytes) {
    return fileBytes - BYTES - FrameLayout.ALIGNMENT;
  }

  /// {@return what stands before the first segment of a log: nothing}
  static SegmentHeader none(long logIdHigh, long logIdLow) {
    return new SegmentHeader(logIdHigh, logIdLow, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /// {@return what a file needs at least behind its last frame, in bytes}
  static long tailBytes() {
    return BYTES + FrameLayout.ALIGNMENT;
  }

  /// {@return where frames must end at the latest, in bytes}
  long limit() {
    return limit(fileBytes);
  }

  /// {@return where the second copy stands, in bytes}
  long secondCopyAt() {
    return fileBytes - BYTES;
  }

  /// {@return whether what is behind the frames may be of an earlier life of the file}
  boolean isRecycled() {
    return (flags & RECYCLED) != 0;
  }

  /// {@return whether HOLE frames stand at the head of the segment}
  boolean isSalvaged() {
    return (flags & SALVAGED) != 0;
  }

  /// {@return whether a salvage made this header up}
  boolean isRebuilt() {
    return (flags & REBUILT) != 0;
  }

  /// {@return the name of a segment's file}
  static String fileName(long number) {
    return String.format("%016x", number) + SUFFIX;
  }

  /// {@return the name of what is left of a segment without records: its header}
  static String goneName(long number) {
    return String.format("%016x", number) + GONE_SUFFIX;
  }

  /// {@return the number in a segment's file name, or null if it is no such name}
  static @Nullable Long numberIn(String fileName) {
    return fileName.length() == 16 + SUFFIX.length() && fileName.endsWith(SUFFIX)
        ? numberAtHead(fileName)
        : null;
  }

  /// {@return the number in the name of a segment that is gone, or null if it is no such name}
  static @Nullable Long numberOfGone(String fileName) {
    return fileName.length() == 16 + GONE_SUFFIX.length() && fileName.endsWith(GONE_SUFFIX)
        ? numberAtHead(fileName)
        : null;
  }

  /// {@return the number that a name begins with, or null if it does not begin with one}
  static @Nullable Long numberAtHead(String fileName) {
    if (fileName.length() < 16) {
      return null;
    }
    for (int i = 0; i < 16; i++) {
      char c = fileName.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return null;
      }
    }
    long number = Long.parseUnsignedLong(fileName.substring(0, 16), 16);
    return number > 0 && number < NUMBERS ? number : null;
  }

  /// {@return the checksum that the first frame names as its previous}
  int chainStart() {
    byte[] copy = new byte[BYTES];
    encode(MemorySegment.ofArray(copy));
    return MemorySegment.ofArray(copy).get(INT, CRC_AT);
  }

  /// Writes the header into the first 256 bytes of `target`.
  void encode(MemorySegment target) {
    target.asSlice(0, BYTES).fill((byte) 0);
    target.set(LONG, 0, MAGIC);
    target.set(INT, 8, FORMAT_VERSION);
    target.set(INT, 12, BYTES);
    target.set(LONG, 16, logIdHigh);
    target.set(LONG, 24, logIdLow);
    target.set(LONG, 32, number);
    target.set(LONG, 40, nonce);
    target.set(LONG, 48, fileBytes);
    target.set(LONG, 56, firstLsn);
    target.set(LONG, 64, previousNumber);
    target.set(LONG, 72, previousNonce);
    target.set(LONG, 80, previousEnd);
    target.set(LONG, 88, previousLastLsn);
    target.set(INT, 96, previousCrc);
    target.set(INT, 100, flags);
    target.set(LONG, 104, durableLsn);
    target.set(LONG, 112, activatedMillis);
    target.set(INT, CRC_AT, checksum(target));
  }

  /// Reads one copy.
  ///
  /// @param source at least 256 bytes
  static Found decode(MemorySegment source) {
    MemorySegment copy = source.asSlice(0, BYTES);
    if (copy.get(LONG, 0) != MAGIC || copy.get(INT, CRC_AT) != checksum(copy)) {
      return isZero(copy) ? new Found.Zeros() : new Found.Damaged();
    }
    if (copy.get(INT, 8) != FORMAT_VERSION) {
      return new Found.TooNew(copy.get(INT, 8));
    }
    SegmentHeader header =
        new SegmentHeader(
            copy.get(LONG, 16),
            copy.get(LONG, 24),
            copy.get(LONG, 32),
            copy.get(LONG, 40),
            copy.get(LONG, 48),
            copy.get(LONG, 56),
            copy.get(LONG, 64),
            copy.get(LONG, 72),
            copy.get(LONG, 80),
            copy.get(LONG, 88),
            copy.get(INT, 96),
            copy.get(LONG, 104),
            copy.get(INT, 100),
            copy.get(LONG, 112));
    return header.plausible() ? new Found.Valid(header) : new Found.Damaged();
  }

  private boolean plausible() {
    return number > 0
        && firstLsn > 0
        && firstLsn < FrameLayout.LSNS
        && fileBytes >= MIN_FILE_BYTES
        && fileBytes < FILE_BYTES
        && previousNumber >= 0
        && previousNumber < number
        && previousLastLsn >= 0
        && previousLastLsn < firstLsn
        && previousEnd >= 0
        && previousEnd < FILE_BYTES
        && durableLsn >= 0
        && durableLsn < firstLsn;
  }

  /// {@return whether what this header states about the segment before can be true of that one}
  boolean fits(SegmentHeader previous) {
    return previousNumber == previous.number
        && previousNonce == previous.nonce
        && previousLastLsn >= previous.firstLsn - 1
        && previousEnd >= BYTES
        && previousEnd <= previous.limit();
  }

  private static int checksum(MemorySegment copy) {
    CRC32C crc = new CRC32C();
    crc.update(copy.asSlice(0, CRC_AT).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    return (int) crc.getValue();
  }

  static boolean isZero(MemorySegment bytes) {
    return isZero(bytes, 0, bytes.byteSize());
  }

  static boolean isZero(MemorySegment bytes, long from, long length) {
    long at = from;
    long end = from + length;
    for (; at + 8 <= end; at += 8) {
      if (bytes.get(LONG, at) != 0) {
        return false;
      }
    }
    for (; at < end; at++) {
      if (bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != 0) {
        return false;
      }
    }
    return true;
  }
}
