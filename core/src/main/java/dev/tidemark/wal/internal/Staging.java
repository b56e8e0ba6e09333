package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;

import dev.tidemark.wal.Batch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The buffer in which records wait for the disk: a ring of 64-byte units.
///
/// ```
///            consumed                        claimed
///               |  published   | being copied  |
///   ------------+--------------+---------------+-------------- ring of units
///   slot: | length | records left in its batch | payload … | to the next unit
/// ```
///
/// An appender claims units and LSNs with one compare-and-set of one word, copies its payload, and
/// publishes by storing its LSN beside its first unit. An LSN never comes twice, so nothing in the
/// ring can be mistaken for a publication, and the ring is never wiped. A slot is never smaller
/// than a frame of its own would be on disk: space in the ring and space on disk are counted in the
/// same units.
///
/// Appenders are any threads. Consumer methods are for the holder of the I/O lease only.
@SuppressWarnings("UnusedVariable") // fields that are read and written by their VarHandle alone
final class Staging {
  /// Before the payload in a slot: length and records left.
  static final int SLOT_HEADER_BYTES = 8;

  /// Who claims: what it may take differs.
  enum Kind {
    /// Records of the owner's.
    ORDINARY,
    /// Records that keep a log going whose disk is full: they may take the reserve.
    CONTROL,
    /// One unit for a batch too large for the ring, whose own segment is prepared already: it takes
    /// no room on disk but that.
    REFERENCE
  }

  /// What [#tryClaim] answers if there is no room now.
  static final long NO_ROOM = -1;

  // In place of a slot's length: its batch is too large for the ring.
  private static final int BY_REFERENCE = -2;
  private static final long LSN_MASK = 0x7fff_ffffL;
  private static final long UNIT_MASK = 0xffff_ffffL;

  private static final VarHandle PUBLISHED = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle WORD;
  private static final VarHandle LIMIT;
  private static final VarHandle CONTROL_LIMIT;
  private static final VarHandle CONSUMED;
  private static final VarHandle CONSUMED_LSN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WORD = lookup.findVarHandle(Staging.class, "word", long.class);
      LIMIT = lookup.findVarHandle(Staging.class, "limit", long.class);
      CONTROL_LIMIT = lookup.findVarHandle(Staging.class, "controlLimit", long.class);
      CONSUMED = lookup.findVarHandle(Staging.class, "consumed", long.class);
      CONSUMED_LSN = lookup.findVarHandle(Staging.class, "consumedLsn", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemorySegment ring;
  private final long[] published; // element access by PUBLISHED; stored by the slot's claimer
  private final int units;
  private final long ringMask;

  // Where the next claim begins: bits 32..62 the low half of the last LSN claimed, bits 0..31 the
  // low half of the
  // next unit. The upper halves follow from `consumedLsn` and `consumed`, which are never far
  // behind.
  private long word; // by WORD; any appender
  // Units may be claimed below this. Never more than one ring ahead of `consumed`.
  private long limit; // by LIMIT; written by Space under its lock
  private long controlLimit; // by CONTROL_LIMIT; written by Space under its lock
  private long consumed; // by CONSUMED; written by the lease holder
  private long consumedLsn; // by CONSUMED_LSN; written by the lease holder
  private volatile int bars; // units claimed by bar; set once, by close

  // The consumer's own place, ahead of what it has given back. Owned by the lease holder.
  private long nextUnit;
  private long nextLsn;

  /// Makes an empty ring in which nothing can be claimed until a limit is set.
  ///
  /// @param bytes the size of the ring, a power of two
  /// @param lastLsn the last LSN already in the log
  Staging(int bytes, long lastLsn) {
    this(bytes, lastLsn, 0);
  }

  /// Makes an empty ring whose units are counted from another number than 0.
  Staging(int bytes, long lastLsn, long firstUnit) {
    ring = Arena.ofAuto().allocate(bytes, FrameLayout.ALIGNMENT);
    units = bytes / FrameLayout.ALIGNMENT;
    ringMask = bytes - 1L;
    published = new long[units];
    word = ((lastLsn & LSN_MASK) << 32) | (firstUnit & UNIT_MASK);
    consumed = firstUnit;
    nextUnit = firstUnit;
    consumedLsn = lastLsn;
    nextLsn = lastLsn + 1;
  }

  /// {@return how many units a record takes}
  static int unitsFor(int payloadBytes) {
    long slot = FrameLayout.HEADER_BYTES + SLOT_HEADER_BYTES + (long) payloadBytes;
    return (int) (FrameLayout.align(slot) / FrameLayout.ALIGNMENT);
  }

  /// {@return the size of the ring, in units}
  int units() {
    return units;
  }

  // ---- appenders

  /// Tries to claim units and LSNs.
  ///
  /// @param wantedUnits how many units
  /// @param records how many LSNs
  /// @return the claim, to be passed to the methods below, or [#NO_ROOM]
  long tryClaim(int wantedUnits, int records, Kind kind) {
    while (true) {
      // Read in this order: what is consumed is then never ahead of the claim.
      long from = (long) CONSUMED.getVolatile(this);
      long claim = (long) WORD.getVolatile(this);
      long position = from + (((int) claim - (int) from) & UNIT_MASK);
      if (position + wantedUnits > limitOf(kind, from)) {
        return NO_ROOM;
      }
      long lastLsn = ((claim >>> 32) + records) & LSN_MASK;
      long next = (lastLsn << 32) | (((int) claim + wantedUnits) & UNIT_MASK);
      if (WORD.compareAndSet(this, claim, next)) {
        return claim;
      }
    }
  }

  // Read after the claim word: see bar.
  private long limitOf(Kind kind, long from) {
    return switch (kind) {
      case ORDINARY -> (long) LIMIT.getVolatile(this);
      case CONTROL -> (long) CONTROL_LIMIT.getVolatile(this);
      case REFERENCE -> bars == 0 ? from + units : Long.MIN_VALUE;
    };
  }

  /// Lets nobody claim any more. A claim that had looked at the limit before then fails its
  /// compare-and-set, because the claim word moves on, and looks again: on return no claim is made
  /// that is not already visible.
  void bar() {
    limit(Long.MIN_VALUE, Long.MIN_VALUE);
    bars = 1;
    while (true) {
      long claim = (long) WORD.getVolatile(this);
      long next = (claim & (LSN_MASK << 32)) | (((int) claim + 1) & UNIT_MASK);
      if (WORD.compareAndSet(this, claim, next)) {
        return;
      }
    }
  }

  /// {@return the first LSN of a claim that is not yet published}
  long lsn(long claim) {
    long base = (long) CONSUMED_LSN.getVolatile(this);
    return base + 1 + (((claim >>> 32) - base) & LSN_MASK);
  }

  /// {@return the last LSN claimed by anybody}
  long lastLsn() {
    long base = (long) CONSUMED_LSN.getVolatile(this);
    return base + ((((long) WORD.getVolatile(this) >>> 32) - base) & LSN_MASK);
  }

  /// {@return whether something was claimed that is not yet consumed}
  boolean isClaimed() {
    int end = (int) (long) CONSUMED.getVolatile(this) + bars;
    return end != (int) (long) WORD.getVolatile(this);
  }

  /// Copies a record into its slot.
  ///
  /// @param slot the unit its slot begins at, counted from the claim's first
  /// @param left how many records of its batch there are from here on, itself included
  /// @throws RuntimeException if `payload` cannot be read
  void put(long claim, int slot, int left, MemorySegment payload) {
    long at = slotAt(claim, slot);
    int length = (int) payload.byteSize();
    ring.set(INT, at, length);
    ring.set(INT, at + 4, left);
    long start = (at + SLOT_HEADER_BYTES) & ringMask;
    long whole = Math.min(length, ring.byteSize() - start);
    MemorySegment.copy(payload, 0, ring, start, whole);
    if (whole < length) {
      MemorySegment.copy(payload, whole, ring, 0, length - whole);
    }
  }

  /// Copies a record of a batch into its slot.
  void put(long claim, int slot, Batch batch, int index) {
    long at = slotAt(claim, slot);
    int length = batch.recordBytes(index);
    ring.set(INT, at, length);
    ring.set(INT, at + 4, batch.count() - index);
    long start = (at + SLOT_HEADER_BYTES) & ringMask;
    int whole = (int) Math.min(length, ring.byteSize() - start);
    batch.copy(index, 0, ring, start, whole);
    if (whole < length) {
      batch.copy(index, whole, ring, 0, length - whole);
    }
  }

  /// Makes a slot that stands for a batch too large for the ring.
  void putReference(long claim, int records) {
    long at = slotAt(claim, 0);
    ring.set(INT, at, BY_REFERENCE);
    ring.set(INT, at + 4, records);
  }

  /// Hands a claim to the consumer. Its slots must be filled.
  ///
  /// @param lsn the claim's first LSN
  void publish(long claim, long lsn) {
    PUBLISHED.setRelease(published, (int) claim & (units - 1), lsn);
  }

  /// Hands a claim to the consumer whose LSNs stay empty, because copying its payload failed.
  ///
  /// @param claimedUnits how many units were claimed
  /// @param records how many LSNs were claimed
  void publishVoid(long claim, long lsn, int claimedUnits, int records) {
    long at = slotAt(claim, 0);
    ring.set(INT, at, claimedUnits);
    ring.set(INT, at + 4, records);
    PUBLISHED.setRelease(published, (int) claim & (units - 1), -lsn);
  }

  private long slotAt(long claim, int slot) {
    return (((claim + slot) & UNIT_MASK) * FrameLayout.ALIGNMENT) & ringMask;
  }

  // ---- the consumer

  /// {@return whether a published slot is next. Any thread may ask; only the lease holder can rely
  /// on it}
  boolean isReady() {
    long lsn = nextLsn;
    long found = (long) PUBLISHED.getAcquire(published, (int) nextUnit & (units - 1));
    return found == lsn || found == -lsn;
  }

  /// {@return the LSN of the next slot}
  long nextLsn() {
    return nextLsn;
  }

  /// {@return whether the next slot's LSNs stay empty}
  boolean isVoid() {
    return (long) PUBLISHED.getAcquire(published, (int) nextUnit & (units - 1)) < 0;
  }

  /// {@return whether the next slot stands for a batch too large for the ring}
  boolean isReference() {
    return !isVoid() && ring.get(INT, slotAt(nextUnit, 0)) == BY_REFERENCE;
  }

  /// {@return how many records of its batch there are from the next slot on, itself included}
  int left() {
    return ring.get(INT, slotAt(nextUnit, 0) + 4);
  }

  /// {@return the payload of the next slot, in bytes}
  int length() {
    return ring.get(INT, slotAt(nextUnit, 0));
  }

  /// {@return the units of the next slot and of all that belong to its batch}
  int unitsOfBatch() {
    if (isVoid()) {
      return length();
    }
    int total = 0;
    for (int left = left(); left > 0; left--) {
      total += unitsFor(ring.get(INT, slotAt(nextUnit, total)));
    }
    return total;
  }

  /// {@return the payload and length prefixes of the next slot and of all that belong to its batch,
  /// in bytes}
  long framedBytesOfBatch() {
    long bytes = 0;
    int at = 0;
    for (int left = left(); left > 0; left--) {
      int length = ring.get(INT, slotAt(nextUnit, at));
      bytes += FrameLayout.LENGTH_BYTES + (long) length;
      at += unitsFor(length);
    }
    return bytes;
  }

  /// Copies the next slot's payload.
  void copyPayload(MemorySegment target, long at) {
    long slot = slotAt(nextUnit, 0);
    int length = ring.get(INT, slot);
    long start = (slot + SLOT_HEADER_BYTES) & ringMask;
    long whole = Math.min(length, ring.byteSize() - start);
    MemorySegment.copy(ring, start, target, at, whole);
    if (whole < length) {
      MemorySegment.copy(ring, 0, target, at + whole, length - whole);
    }
  }

  /// Goes on to the slot behind.
  void skip(int skippedUnits, int records) {
    nextUnit += skippedUnits;
    nextLsn += records;
  }

  /// Gives back all slots that were gone past.
  ///
  /// @return the first unit that is not given back
  long release() {
    // The LSN first: a claim's LSN is told from it as long as its units are not given back.
    CONSUMED_LSN.setVolatile(this, nextLsn - 1);
    CONSUMED.setVolatile(this, nextUnit);
    return nextUnit;
  }

  /// Sets how far may be claimed. For [Space] alone.
  ///
  /// @param ordinaryUnit ordinary claims end before it
  /// @param controlUnit control claims end before it
  void limit(long ordinaryUnit, long controlUnit) {
    LIMIT.setVolatile(this, ordinaryUnit);
    CONTROL_LIMIT.setVolatile(this, controlUnit);
  }
}
