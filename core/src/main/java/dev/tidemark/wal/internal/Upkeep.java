package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The upkeep of a log's files beside the appends: segments prepared ahead of use, what is kept and
/// for whom, and the removal of what nobody needs any more. What touches segments happens on the
/// [FileThread]. Safe for any thread.
final class Upkeep {
  final FileThread files;
  final Spares spares;
  final OwnSegments own;
  final LowWater lowWater;
  final Subscriptions subscriptions;
  final Checkpoints checkpoints;

  private final Storage storage;
  private final Failure failure;
  private final Life life;
  private final Retired retired;
  private final Retention retention;
  // Of the file of subscriptions, when it was closed; owned by whoever closes.
  private @Nullable IOException closeFault;

  /// @param log what recovery made
  /// @param fail fails the log
  Upkeep(
      Storage storage,
      Host host,
      WalOptions options,
      Recovery.Recovered log,
      Failure failure,
      Life life,
      Space space,
      Consumer<Throwable> fail) {
    this.storage = storage;
    this.failure = failure;
    this.life = life;
    ManifestFile manifest = log.manifest();
    subscriptions =
        new Subscriptions(
            storage,
            manifest,
            log.holders().subscriptions(),
            host,
            failure,
            fail,
            this::removeUnneededLater);
    files = new FileThread(host);
    long segmentBytes = options.segmentBytes();
    spares = new Spares(host, storage, space, files, segmentBytes, log.spares(), log.nextNumber());
    retired = new Retired(host, storage, spares, segmentBytes);
    own = new OwnSegments(storage, files, spares, retired);
    lowWater =
        new LowWater(
            failure,
            manifest,
            new LogState(log.segments(), manifest.current().lowWaterLsn(), log.holes()),
            options.pruneBy(),
            options.retentionMayOvertake(),
            subscriptions,
            fail,
            retired::retire);
    retention = new Retention(host, lowWater, options.retainBytes(), options.retainAge());
    checkpoints = new Checkpoints(host, storage, manifest.current(), failure, lowWater, this::call);
  }

  /// Starts the thread.
  void start() {
    files.start(List.of(retired, spares, retention));
  }

  /// Removes what was beyond retention, or not needed, before the log was opened: at once, so that
  /// the first LSN does not move under who asks for it. A checkpoint may have been verified just
  /// now.
  void removeUnneededAtOpen() throws IOException {
    if (retention.isWanted() || lowWater.mayRemove()) {
      call(
          () -> {
            long _ = retention.step();
            lowWater.removeUnneeded();
          });
    }
  }

  /// Adds a segment that was activated.
  void activated(SegmentHeader next) {
    lowWater.activated(next);
    removeUnneededLater(); // what was sealed may be needed by nobody already
    files.wake(); // or be beyond retention
  }

  /// Lets go of what a cursor held, and has removed what only it needed.
  void closed(LogCursor cursor) {
    lowWater.close(cursor);
    if (!life.isOver()) {
      files.later(lowWater::removeUnneeded);
    }
  }

  // If there is anything. Nobody waits for it.
  private void removeUnneededLater() {
    if (!life.isOver() && lowWater.mayRemove()) {
      files.later(lowWater::removeUnneeded);
    }
  }

  /// Removes all segments wholly below an LSN that nobody else needs, as the owner's word.
  void truncateBefore(long lsn) throws IOException {
    lowWater.want(lsn);
    call(lowWater::removeUnneeded);
  }

  /// Takes the records of a segment out of the log. The contract is `Wal.removeSegment`.
  void removeSegment(long number) throws IOException {
    call(() -> new SegmentRemoval(storage, failure, lowWater).remove(number));
  }

  private void call(FileThread.Job job) throws IOException {
    files.call(
        () -> {
          job.run();
          return job;
        });
  }

  /// Ends everything here that may be at the disk.
  ///
  /// @param nanos how long the whole log waits when it is closed; this takes about as long at most
  /// @return whether nothing is under way any more
  boolean close(long nanos) {
    boolean ended = checkpoints.close(nanos / 4);
    try {
      ended &= subscriptions.close(nanos / 4);
    } catch (IOException e) {
      closeFault = e; // no reason to keep the lock
    }
    ended &= files.close(nanos / 2);
    lowWater.closeAll();
    return ended;
  }

  /// {@return what a file answered when it was closed, or null}
  @Nullable IOException closeFault() {
    return closeFault;
  }
}
