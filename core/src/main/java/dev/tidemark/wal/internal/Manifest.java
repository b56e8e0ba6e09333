package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

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
///  64               72               80                       112                      144
/// +----------------+----------------+------------------------+------------------------+
/// | its nonce      | low-water LSN  | newest checkpoint      | the one before         |
/// +----------------+----------------+------------------------+------------------------+
///  144              152              160      164      168              176    252     256
/// +----------------+----------------+--------+--------+----------------+------+-------+
/// | next checkpoint| overtaken LSN  | blocks | zeros  | first LSN of   | zeros| CRC   |
/// | generation     |                |        |        | last activated |      |       |
/// +----------------+----------------+--------+--------+----------------+------+-------+
///
/// a checkpoint, all zeros if there is none
///  0                8                16               24       28      32
/// +----------------+----------------+----------------+--------+--------+
/// | LSN            | generation     | length         | CRC    | flags  |     1: there, 2: verified
/// +----------------+----------------+----------------+--------+--------+
/// ```
///
/// `blocks` says how many blocks of the file of subscriptions are in use ([SubscriptionBlock]).
///
/// @param logIdHigh the upper half of the log's random id
/// @param logIdLow the lower half
/// @param generation grows by one with every write; the valid slot with the larger one holds
/// @param nextNumber no segment of this number or above was ever activated
/// @param firstNumber the oldest segment of the log, 0 if none was activated
/// @param lastNumber the newest segment of the log, 0 if none was activated
/// @param lastNonce the nonce of the newest segment
/// @param lastFirstLsn its first LSN, 0 if none was activated: if it is lost, LSNs go on above that
/// @param lowWaterLsn the smallest LSN still needed
/// @param holders the checkpoints, and what else holds that mark
record Manifest(
    long logIdHigh,
    long logIdLow,
    long generation,
    long nextNumber,
    long firstNumber,
    long lastNumber,
    long lastNonce,
    long lastFirstLsn,
    long lowWaterLsn,
    Holders holders) {

  static final String FILE = "manifest";
  static final int SLOT_BYTES = 256;
  static final long SECOND_SLOT_AT = 4096;
  static final long FILE_BYTES = 2 * SECOND_SLOT_AT;

  private static final long MAGIC = 0x494e_414d_4544_4954L; // "TIDEMANI"
  private static final int CHECKPOINT_AT = 80;
  private static final int PREVIOUS_AT = 112;
  private static final int NEXT_GENERATION_AT = 144;
  private static final int OVERTAKEN_AT = 152;
  private static final int BLOCKS_AT = 160;
  private static final int LAST_FIRST_LSN_AT = 168;
  private static final int CRC_AT = 252;

  private static final int THERE = 1;
  private static final int VERIFIED = 2;

  /// What stands in a slot.
  sealed interface Found {
    /// A whole manifest of this version.
    record Valid(Manifest manifest) implements Found {}

    /// Anything else.
    record Damaged() implements Found {}

    /// A whole manifest of a version this code does not know.
    record TooNew(int version) implements Found {}
  }

  /// {@return the same in a new generation, which goes to the other slot}
  Manifest again() {
    return withHolders(holders);
  }

  /// {@return this with a segment activated, in a log that begins with another}
  Manifest withActivated(SegmentHeader segment, long newFirstNumber) {
    return new Manifest(
        logIdHigh,
        logIdLow,
        generation + 1,
        Math.max(nextNumber, segment.number() + 1),
        newFirstNumber,
        segment.number(),
        segment.nonce(),
        segment.firstLsn(),
        lowWaterLsn,
        holders);
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
        segment.firstLsn(),
        lowWaterLsn,
        holders);
  }

  Manifest withLowWater(long lsn, long newFirstNumber, Holders others) {
    return new Manifest(
        logIdHigh,
        logIdLow,
        generation + 1,
        nextNumber,
        newFirstNumber,
        lastNumber,
        lastNonce,
        lastFirstLsn,
        lsn,
        others);
  }

  Manifest withHolders(Holders others) {
    return new Manifest(
        logIdHigh,
        logIdLow,
        generation + 1,
        nextNumber,
        firstNumber,
        lastNumber,
        lastNonce,
        lastFirstLsn,
        lowWaterLsn,
        others);
  }

  /// {@return whether it counts something further than any log ever does}
  boolean isUnreached() {
    return Math.max(Math.max(generation, nextNumber), holders.nextGeneration())
        >= SegmentHeader.UNREACHED;
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
    encode(holders.checkpoint(), target, CHECKPOINT_AT);
    encode(holders.previous(), target, PREVIOUS_AT);
    target.set(LONG, NEXT_GENERATION_AT, holders.nextGeneration());
    target.set(LONG, OVERTAKEN_AT, holders.overtakenLsn());
    target.set(INT, BLOCKS_AT, holders.subscriptionBlocks());
    target.set(LONG, LAST_FIRST_LSN_AT, lastFirstLsn);
    target.set(INT, CRC_AT, checksum(target));
  }

  private static void encode(@Nullable CheckpointStamp stamp, MemorySegment target, long at) {
    if (stamp != null) {
      target.set(LONG, at, stamp.lsn());
      target.set(LONG, at + 8, stamp.generation());
      target.set(LONG, at + 16, stamp.length());
      target.set(INT, at + 24, stamp.crc());
      target.set(INT, at + 28, stamp.verified() ? THERE | VERIFIED : THERE);
    }
  }

  private static @Nullable CheckpointStamp decodeStamp(MemorySegment slot, long at) {
    int flags = slot.get(INT, at + 28);
    return (flags & THERE) == 0
        ? null
        : new CheckpointStamp(
            slot.get(LONG, at),
            slot.get(LONG, at + 8),
            slot.get(LONG, at + 16),
            slot.get(INT, at + 24),
            (flags & VERIFIED) != 0);
  }

  private static Holders decodeHolders(MemorySegment slot) {
    return new Holders(
        decodeStamp(slot, CHECKPOINT_AT),
        decodeStamp(slot, PREVIOUS_AT),
        slot.get(LONG, NEXT_GENERATION_AT),
        slot.get(LONG, OVERTAKEN_AT),
        slot.get(INT, BLOCKS_AT));
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
            slot.get(LONG, LAST_FIRST_LSN_AT),
            slot.get(LONG, 72),
            decodeHolders(slot));
    return manifest.plausible() ? new Found.Valid(manifest) : new Found.Damaged();
  }

  private boolean plausible() {
    return generation > 0
        && generation < SegmentHeader.NUMBERS // there is always a next one
        && lowWaterLsn > 0
        && lowWaterLsn < FrameLayout.LSNS
        && firstNumber >= 0
        && firstNumber <= lastNumber
        && lastNumber < nextNumber
        && nextNumber < SegmentHeader.NUMBERS
        && (firstNumber == 0) == (lastNumber == 0)
        && (lastNumber == 0) == (lastFirstLsn == 0)
        && lastFirstLsn >= 0
        && lastFirstLsn < FrameLayout.LSNS
        && holders.plausible();
  }

  private static int checksum(MemorySegment slot) {
    CRC32C crc = new CRC32C();
    crc.update(slot.asSlice(0, CRC_AT).toArray(ValueLayout.JAVA_BYTE));
    return (int) crc.getValue();
  }
}
