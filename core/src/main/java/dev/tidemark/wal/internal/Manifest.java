package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/// What a log says about itself as a whole. It stands in the file `manifest` in two slots, at bytes
/// 0 and 4096, which are overwritten in turn: a torn write leaves the other. It never needs space.
///
/// ```
///   0                8        12       16                               32
/// +----------------+--------+--------+--------------------------------+
/// | "TIDEMANI"     |version | bytes  | log id, 128 bits               |
/// +----------------+--------+--------+--------------------------------+
///  32               40               48               56              64
/// +----------------+----------------+----------------+----------------+
/// | generation     | next segment   | first segment  | last activated |
/// +----------------+----------------+----------------+----------------+
///  64               72               80                     252     256
/// +----------------+----------------+-----------------------+--------+
/// | its nonce      | low-water LSN  | zeros                 | CRC    |
/// +----------------+----------------+-----------------------+--------+
/// ```
///
/// @param logIdHigh the upper half of the log's random id
/// @param logIdLow the lower half
/// @param generation grows by one with every write; the valid slot with the larger one holds
/// @param nextNumber no segment of this number or above was ever activated
/// @param firstNumber the oldest segment of the log, 0 if none was activated
/// @param lastNumber the newest segment of the log, 0 if none was activated
/// @param lastNonce the nonce of the newest segment
/// @param lowWaterLsn the smallest LSN still needed
record Manifest(
    long logIdHigh,
    long logIdLow,
    long generation,
    long nextNumber,
    long firstNumber,
    long lastNumber,
    long lastNonce,
    long lowWaterLsn) {

  static final String FILE = "manifest";
  static final int SLOT_BYTES = 256;
  static final long SECOND_SLOT_AT = 4096;
  static final long FILE_BYTES = 2 * SECOND_SLOT_AT;

  private static final long MAGIC = 0x494e_414d_4544_4954L; // "TIDEMANI"
  private static final int CRC_AT = 252;

  /// What stands in a slot.
  sealed interface Found {
    /// A whole manifest of this version.
    record Valid(Manifest manifest) implements Found {}

    /// Anything else.
    record Damaged() implements Found {}

    /// A whole manifest of a version this code does not know.
    record TooNew(int version) implements Found {}
  }

  Manifest withActivated(SegmentHeader segment) {
    return new Manifest(
        logIdHigh,
        logIdLow,
        generation + 1,
        Math.max(nextNumber, segment.number() + 1),
        firstNumber == 0 ? segment.number() : firstNumber,
        segment.number(),
        segment.nonce(),
        lowWaterLsn);
  }

  Manifest withLowWater(long lsn, long newFirstNumber) {
    return new Manifest(
        logIdHigh,
        logIdLow,
        generation + 1,
        nextNumber,
        newFirstNumber,
        lastNumber,
        lastNonce,
        lsn);
  }

  /// {@return where this generation is written, in bytes}
  long slotAt() {
    return (generation & 1) == 0 ? 0 : SECOND_SLOT_AT;
  }

  void encode(MemorySegment target) {
    target.asSlice(0, SLOT_BYTES).fill((byte) 0);
    target.set(LONG, 0, MAGIC);
    target.set(INT, 8, SegmentHeader.FORMAT_VERSION);
    target.set(INT, 12, SLOT_BYTES);
    target.set(LONG, 16, logIdHigh);
    target.set(LONG, 24, logIdLow);
    target.set(LONG, 32, generation);
    target.set(LONG, 40, nextNumber);
    target.set(LONG, 48, firstNumber);
    target.set(LONG, 56, lastNumber);
    target.set(LONG, 64, lastNonce);
    target.set(LONG, 72, lowWaterLsn);
    target.set(INT, CRC_AT, checksum(target));
  }

  static Found decode(MemorySegment slot) {
    if (slot.get(LONG, 0) != MAGIC || slot.get(INT, CRC_AT) != checksum(slot)) {
      return new Found.Damaged();
    }
    if (slot.get(INT, 8) != SegmentHeader.FORMAT_VERSION) {
      return new Found.TooNew(slot.get(INT, 8));
    }
    Manifest manifest =
        new Manifest(
            slot.get(LONG, 16),
            slot.get(LONG, 24),
            slot.get(LONG, 32),
            slot.get(LONG, 40),
            slot.get(LONG, 48),
            slot.get(LONG, 56),
            slot.get(LONG, 64),
            slot.get(LONG, 72));
    return manifest.plausible() ? new Found.Valid(manifest) : new Found.Damaged();
  }

  private boolean plausible() {
    return generation > 0
        && lowWaterLsn > 0
        && firstNumber >= 0
        && firstNumber <= lastNumber
        && lastNumber < nextNumber
        && (firstNumber == 0) == (lastNumber == 0);
  }

  private static int checksum(MemorySegment slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot.asSlice(0, CRC_AT).toArray(ValueLayout.JAVA_BYTE));
    return (int) crc.getValue();
  }
}
