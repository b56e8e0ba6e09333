package dev.tidemark.wal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a log works. Immutable; start from [#defaults()] or [#builder()].
///
/// Sizes that are not set follow those that are: with a small segment or a small staging buffer
/// alone, the largest record and batch shrink to what fits.
public final class WalOptions {
  /// The default size of a segment: 64 MiB.
  public static final long DEFAULT_SEGMENT_BYTES = 64L << 20;

  /// The default size of the largest record: 16 MiB.
  public static final int DEFAULT_MAX_RECORD_BYTES = 16 << 20;

  /// The default size of the largest batch: 128 MiB.
  public static final int DEFAULT_MAX_BATCH_BYTES = 128 << 20;

  /// The default size of the staging buffer: 32 MiB.
  public static final int DEFAULT_STAGING_BYTES = 32 << 20;

  /// The smallest segment: 4 KiB.
  public static final long MIN_SEGMENT_BYTES = 4096;

  /// The largest segment: 1 TiB.
  public static final long MAX_SEGMENT_BYTES = 1L << 40;

  /// The smallest staging buffer: 1 KiB.
  public static final int MIN_STAGING_BYTES = 1024;

  /// What a record takes in staging and in a frame of its own beside its payload, in bytes, before
  /// rounding up to 64.
  public static final int RECORD_OVERHEAD_BYTES = 128;

  private static final WalOptions DEFAULTS = builder().build();

  private final long segmentBytes;
  private final int maxRecordBytes;
  private final int maxBatchBytes;
  private final int stagingBytes;
  private final SyncPolicy sync;
  private final @Nullable Duration rotationAge;
  private final @Nullable Compression compression;
  private final Duration claimTimeout;
  private final OnUnvouchedTail onUnvouchedTail;
  private final Duration slowSync;
  private final WalEvents events;
  private final PruneBy pruneBy;
  private final long retainBytes;
  private final @Nullable Duration retainAge;
  private final boolean retentionMayOvertake;
  private final OnCorruption onCorruption;
  private final boolean verifyOnOpen;

  private WalOptions(Builder from) {
    stagingBytes = from.stagingBytes;
    segmentBytes = from.segmentBytes;
    sync = from.sync;
    rotationAge = from.rotationAge;
    compression = from.compression;
    claimTimeout = from.claimTimeout;
    onUnvouchedTail = from.onUnvouchedTail;
    slowSync = from.slowSync;
    events = from.events;
    pruneBy = from.pruneBy;
    retainBytes = from.retainBytes;
    retainAge = from.retainAge;
    retentionMayOvertake = from.retentionMayOvertake;
    onCorruption = from.onCorruption;
    verifyOnOpen = from.verifyOnOpen;
    check(
        segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES,
        "segmentBytes must be 4096 to 2^40: " + segmentBytes);
    check(segmentBytes % 64 == 0, "segmentBytes must be a multiple of 64: " + segmentBytes);
    check(
        stagingBytes >= MIN_STAGING_BYTES && Integer.bitCount(stagingBytes) == 1,
        "stagingBytes must be a power of two of at least 1024: " + stagingBytes);
    long largest = largestRecord(segmentBytes, stagingBytes);
    maxRecordBytes =
        from.maxRecordBytes != null
            ? from.maxRecordBytes
            : (int) Math.min(DEFAULT_MAX_RECORD_BYTES, largest);
    check(maxRecordBytes >= 1, "maxRecordBytes must be at least 1: " + maxRecordBytes);
    check(
        maxRecordBytes <= largest,
        "maxRecordBytes "
            + maxRecordBytes
            + " does not fit: stagingBytes "
            + stagingBytes
            + " and segmentBytes "
            + segmentBytes
            + " allow "
            + largest);
    maxBatchBytes =
        from.maxBatchBytes != null
            ? from.maxBatchBytes
            : (int) Math.min(DEFAULT_MAX_BATCH_BYTES, 2 * segmentBytes);
    check(
        maxBatchBytes >= maxRecordBytes,
        "maxBatchBytes " + maxBatchBytes + " is less than maxRecordBytes " + maxRecordBytes);
    check(maxBatchBytes <= 1 << 30, "maxBatchBytes must be at most 2^30: " + maxBatchBytes);
    checkDuration(claimTimeout, "claimTimeout");
    checkDuration(slowSync, "slowSync");
    if (rotationAge != null) {
      checkDuration(rotationAge, "rotationAge");
    }
    if (retainAge != null) {
      check(
          retainAge.toMillis() >= 1 && retainAge.toDays() <= 36_600,
          "retainAge must be 1 ms to 36600 days: " + retainAge);
    }
    check(retainBytes >= 1, "retainBytes must be at least 1: " + retainBytes);
    check(
        pruneBy == PruneBy.OWNER || retentionMayOvertake || !retains(),
        "with pruneBy = SUBSCRIPTIONS retainBytes and retainAge have no effect unless"
            + " retentionMayOvertake is set: nothing is kept that all subscriptions acknowledged");
  }

  private boolean retains() {
    return retainBytes != Long.MAX_VALUE || retainAge != null;
  }

  // Whatever is staged must fit one segment, or a full disk could refuse what it has already taken.
  private static long largestRecord(long segmentBytes, int stagingBytes) {
    return Math.min(stagingBytes, segmentBytes - 1024) - RECORD_OVERHEAD_BYTES;
  }

  private static void checkDuration(Duration value, String name) {
    check(
        value.toMillis() >= 1 && value.toDays() <= 366,
        name + " must be 1 ms to 366 days: " + value);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /// {@return the defaults}
  public static WalOptions defaults() {
    return DEFAULTS;
  }

  /// {@return a builder that holds the defaults}
  public static Builder builder() {
    return new Builder();
  }

  /// {@return the size of a segment file, in bytes; a batch that does not fit gets a larger one}
  public long segmentBytes() {
    return segmentBytes;
  }

  /// {@return the largest payload of a record, in bytes; also what a reader allocates at most}
  public int maxRecordBytes() {
    return maxRecordBytes;
  }

  /// {@return the largest payload of a batch, in bytes}
  public int maxBatchBytes() {
    return maxBatchBytes;
  }

  /// {@return the size of the buffer that holds records on their way to the disk, in bytes; a power
  /// of two}
  public int stagingBytes() {
    return stagingBytes;
  }

  /// {@return when an append is acknowledged}
  public SyncPolicy sync() {
    return sync;
  }

  /// {@return the age at which a segment that holds records is sealed, or null for size alone}
  public @Nullable Duration rotationAge() {
    return rotationAge;
  }

  /// {@return how frames are compressed, or null for not at all}
  public @Nullable Compression compression() {
    return compression;
  }

  /// {@return how long an append may take to copy its payload before the log fails}
  public Duration claimTimeout() {
    return claimTimeout;
  }

  /// {@return what opening does with a tail that nothing vouches for}
  public OnUnvouchedTail onUnvouchedTail() {
    return onUnvouchedTail;
  }

  /// {@return after which time a sync under way is reported; also a write, a change of segments, a
  /// claim, or a wait for room}
  public Duration slowSync() {
    return slowSync;
  }

  /// {@return who is told what happens}
  public WalEvents events() {
    return events;
  }

  /// {@return who moves the low-water mark}
  public PruneBy pruneBy() {
    return pruneBy;
  }

  /// {@return how many bytes the segments of the log may take, the active one included and spares
  /// not; [Long#MAX_VALUE] for no limit}
  public long retainBytes() {
    return retainBytes;
  }

  /// {@return how long a segment is kept after it was sealed, by the wall clock, or null for no
  /// limit}
  public @Nullable Duration retainAge() {
    return retainAge;
  }

  /// {@return whether retention passes subscriptions, open cursors and checkpoints, which are then
  /// answered [LsnGoneException]}
  public boolean retentionMayOvertake() {
    return retentionMayOvertake;
  }

  /// {@return what opening does with a log in which something promised is damaged or missing}
  public OnCorruption onCorruption() {
    return onCorruption;
  }

  /// {@return whether opening verifies the payloads of all segments, not only of the newest}
  public boolean verifyOnOpen() {
    return verifyOnOpen;
  }

  /// Collects options. For one thread.
  public static final class Builder {
    private long segmentBytes = DEFAULT_SEGMENT_BYTES;
    private @Nullable Integer maxRecordBytes;
    private @Nullable Integer maxBatchBytes;
    private int stagingBytes = DEFAULT_STAGING_BYTES;
    private SyncPolicy sync = SyncPolicy.fdatasync();
    private @Nullable Duration rotationAge;
    private @Nullable Compression compression;
    private Duration claimTimeout = Duration.ofSeconds(10);
    private OnUnvouchedTail onUnvouchedTail = OnUnvouchedTail.CUT;
    private Duration slowSync = Duration.ofSeconds(1);
    private WalEvents events = WalEvents.logged();
    private PruneBy pruneBy = PruneBy.OWNER;
    private long retainBytes = Long.MAX_VALUE;
    private @Nullable Duration retainAge;
    private boolean retentionMayOvertake;
    private OnCorruption onCorruption = OnCorruption.FAIL;
    private boolean verifyOnOpen;

    private Builder() {}

    /// Sets the size of a segment file: 4 KiB to 1 TiB, a multiple of 64.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder segmentBytes(long value) {
      segmentBytes = value;
      return this;
    }

    /// Sets the largest payload of a record, in bytes.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder maxRecordBytes(int value) {
      maxRecordBytes = value;
      return this;
    }

    /// Sets the largest payload of a batch, in bytes: up to 1 GiB.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder maxBatchBytes(int value) {
      maxBatchBytes = value;
      return this;
    }

    /// Sets the size of the staging buffer: a power of two, 1 KiB to 1 GiB.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder stagingBytes(int value) {
      stagingBytes = value;
      return this;
    }

    /// Sets when an append is acknowledged.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder sync(SyncPolicy value) {
      sync = value;
      return this;
    }

    /// Sets the age at which a segment that holds records is sealed, or null for size alone.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder rotationAge(@Nullable Duration value) {
      rotationAge = value;
      return this;
    }

    /// Sets how frames are compressed, or null for not at all.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder compression(@Nullable Compression value) {
      compression = value;
      return this;
    }

    /// Sets how long an append may take to copy its payload before the log fails.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder claimTimeout(Duration value) {
      claimTimeout = value;
      return this;
    }

    /// Sets what opening does with a tail that nothing vouches for.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder onUnvouchedTail(OnUnvouchedTail value) {
      onUnvouchedTail = value;
      return this;
    }

    /// Sets after which time a sync under way is reported; also a write, a change of segments, a
    /// claim, or a wait for room. See [WalEvents#stalled].
    ///
    /// @param value the new value
    /// @return this builder
    public Builder slowSync(Duration value) {
      slowSync = value;
      return this;
    }

    /// Sets who is told what happens.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder events(WalEvents value) {
      events = value;
      return this;
    }

    /// Sets who moves the low-water mark.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder pruneBy(PruneBy value) {
      pruneBy = value;
      return this;
    }

    /// Sets how many bytes the segments of the log may take: beyond it, sealed ones are removed as
    /// if the owner had said that they are no longer needed.
    ///
    /// @param value the new value; [Long#MAX_VALUE] for no limit
    /// @return this builder
    public Builder retainBytes(long value) {
      retainBytes = value;
      return this;
    }

    /// Sets how long a segment is kept after it was sealed, by the wall clock; after that it is
    /// removed as if the owner had said that it is no longer needed, also while the log is idle.
    ///
    /// The active segment is never removed; [#rotationAge] seals it.
    ///
    /// @param value the new value, or null for no limit
    /// @return this builder
    public Builder retainAge(@Nullable Duration value) {
      retainAge = value;
      return this;
    }

    /// Sets whether retention by size and age goes past subscriptions, open cursors and
    /// checkpoints. They lose records then, and are told by [LsnGoneException].
    ///
    /// @param value the new value
    /// @return this builder
    public Builder retentionMayOvertake(boolean value) {
      retentionMayOvertake = value;
      return this;
    }

    /// Sets what opening does with a log in which something promised is damaged or missing.
    ///
    /// Damaged files get other names and are never deleted; copy the directory all the same before
    /// anything but `FAIL` is tried. Set it for one opening, not for good: a program that skips
    /// damage unasked does not find out that its disk loses data.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder onCorruption(OnCorruption value) {
      onCorruption = value;
      return this;
    }

    /// Sets whether opening verifies the payloads of all segments, and the checkpoint. Without it
    /// those of the newest segment are verified at open, and a checkpoint that was not yet; the
    /// rest when they are read. It reads the whole log once.
    ///
    /// @param value the new value
    /// @return this builder
    public Builder verifyOnOpen(boolean value) {
      verifyOnOpen = value;
      return this;
    }

    /// {@return the options}
    ///
    /// @throws IllegalArgumentException if a value is out of range or two contradict each other;
    ///   the message names them
    public WalOptions build() {
      return new WalOptions(this);
    }
  }
}
