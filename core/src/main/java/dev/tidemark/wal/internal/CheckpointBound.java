package dev.tidemark.wal.internal;

import org.jspecify.annotations.Nullable;

/// How far checkpoints let the low-water mark rise: to the newest that was verified, and no further
/// than one that is being written. Guarded by its [LowWater].
final class CheckpointBound {
  private static final long NONE = Long.MAX_VALUE;

  private @Nullable CheckpointStamp newest;
  private @Nullable CheckpointStamp previous;
  private long takingLsn = NONE;

  /// @param holders what the manifest says
  CheckpointBound(Holders holders) {
    set(holders);
  }

  /// Takes what the manifest now says.
  void set(Holders holders) {
    newest = holders.checkpoint();
    previous = holders.previous();
  }

  /// {@return the newest checkpoint, or null}
  @Nullable CheckpointStamp newest() {
    return newest;
  }

  /// Holds the mark for a checkpoint that is being written.
  void take(long lsn) {
    takingLsn = lsn + 1;
  }

  /// It is written, or never will be.
  void release() {
    takingLsn = NONE;
  }

  /// {@return the smallest LSN that going on from a checkpoint needs, as the owner's word; 0 if no
  /// checkpoint was verified}
  long word() {
    CheckpointStamp kept = verified();
    return kept == null ? 0 : kept.lsn() + 1;
  }

  /// {@return how far the mark may rise}
  ///
  /// @param markLsn where it is
  long lsn(long markLsn) {
    if (newest == null) {
      return takingLsn;
    }
    // Unverified, and nothing before: if it is damaged, all records that there are are needed.
    return Math.min(takingLsn, verified() == null ? markLsn : word());
  }

  /// Refuses a word of the owner's that would leave the newest checkpoint without the records
  /// behind it.
  ///
  /// @param markLsn where the mark is
  void check(long lsn, long markLsn) {
    if (newest == null || lsn <= markLsn) {
      return;
    }
    CheckpointStamp kept = verified();
    if (kept == null) {
      throw new IllegalArgumentException(
          "the checkpoint at LSN "
              + newest.lsn()
              + " was not verified yet, which the next open does: cannot truncate before "
              + lsn);
    }
    if (lsn > kept.lsn() + 1) {
      throw new IllegalArgumentException(
          "the checkpoint to go on from is at LSN "
              + kept.lsn()
              + ": cannot truncate before "
              + lsn
              + "; take a newer one");
    }
  }

  private @Nullable CheckpointStamp verified() {
    if (newest != null && newest.verified()) {
      return newest;
    }
    return previous != null && previous.verified() ? previous : null;
  }
}
