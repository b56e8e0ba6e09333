package dev.tidemark.wal.internal;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the manifest says about those that hold the low-water mark.
///
/// @param checkpoint the newest checkpoint, or null
/// @param previous the one before, kept until the newest is verified, or null
/// @param nextGeneration no checkpoint of this generation or above was ever begun
/// @param overtakenLsn the low-water mark when retention last passed a subscription, 0 if it never
///   did: an older ack is no sign of damage
/// @param subscriptionBlocks how many blocks of the file of subscriptions are in use
record Holders(
    @Nullable CheckpointStamp checkpoint,
    @Nullable CheckpointStamp previous,
    long nextGeneration,
    long overtakenLsn,
    int subscriptionBlocks) {

  /// Of a new log.
  static final Holders NONE = new Holders(null, null, 1, 0, 0);

  Holders withCheckpoints(
      @Nullable CheckpointStamp newest, @Nullable CheckpointStamp kept, long next) {
    return new Holders(newest, kept, next, overtakenLsn, subscriptionBlocks);
  }

  Holders withOvertaken(long lsn) {
    return new Holders(checkpoint, previous, nextGeneration, lsn, subscriptionBlocks);
  }

  Holders withBlocks(int blocks) {
    return new Holders(checkpoint, previous, nextGeneration, overtakenLsn, blocks);
  }

  /// {@return the largest LSN that a checkpoint says was durable, 0 if none does}
  long promisedLsn() {
    long newest = checkpoint == null ? 0 : checkpoint.lsn();
    return previous == null ? newest : Math.max(newest, previous.lsn());
  }

  /// {@return the checkpoint to be kept beside a newer one until that is verified, or null}
  @Nullable CheckpointStamp keptBeside(CheckpointStamp newer) {
    if (newer.verified()) {
      return null;
    }
    return checkpoint != null && previous != null && !checkpoint.verified() ? previous : checkpoint;
  }

  /// {@return the names of the files of checkpoints}
  Set<String> checkpointFiles() {
    return Stream.of(Optional.ofNullable(checkpoint), Optional.ofNullable(previous))
        .flatMap(Optional::stream)
        .map(CheckpointStamp::fileName)
        .collect(Collectors.toCollection(HashSet::new));
  }

  boolean plausible() {
    return overtakenLsn >= 0
        && overtakenLsn < FrameLayout.LSNS
        && nextGeneration > 0
        && nextGeneration < SegmentHeader.NUMBERS
        && subscriptionBlocks >= 0
        && subscriptionBlocks <= SubscriptionBlock.MAX_BLOCKS
        && plausible(checkpoint)
        && plausible(previous)
        && (previous == null || checkpoint != null);
  }

  private boolean plausible(@Nullable CheckpointStamp stamp) {
    return stamp == null
        || (stamp.lsn() >= 0
            && stamp.lsn() < FrameLayout.LSNS
            && stamp.length() >= 0
            && stamp.generation() > 0
            && stamp.generation() < nextGeneration);
  }
}
