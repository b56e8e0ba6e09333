package dev.tidemark.wal.internal;

import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.internal.jfr.TruncateEvent;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Knows which segments there are and which LSN is still needed, and removes the segments wholly
/// below that. The low-water mark is the minimum over its holders: the owner's last word (unless
/// the log is pruned by its subscriptions), the checkpoint that is kept, subscriptions and open
/// cursors.
///
/// Safe for use by any thread.
final class LowWater {
  private final Failure failure;
  private final ManifestFile manifest;
  private final Consumer<Throwable> fail;
  private final BiConsumer<List<SegmentHeader>, Holes> retire;
  private final PruneBy pruneBy;
  private final Subscriptions subscriptions;
  private final CheckpointBound checkpoints; // guarded by this
  private final Set<LogCursor> cursors = ConcurrentHashMap.newKeySet(); // added under this
  private volatile LogState state; // swapped under this
  private final boolean mayOvertake;
  private long wantedLsn; // guarded by this
  private long retainedLsn; // guarded by this; what is below is beyond retention

  /// @param pruneBy who moves the mark
  /// @param mayOvertake whether retention goes past its holders
  /// @param subscriptions who holds it
  /// @param fail fails the log: after a manifest that could not be written nothing is certain
  /// @param retire takes over the files of segments that are no longer part of the log; called on
  ///   the thread that moves the mark, which is the [FileThread]
  LowWater(
      Failure failure,
      ManifestFile manifest,
      LogState state,
      PruneBy pruneBy,
      boolean mayOvertake,
      Subscriptions subscriptions,
      Consumer<Throwable> fail,
      BiConsumer<List<SegmentHeader>, Holes> retire) {
    this.failure = failure;
    this.manifest = manifest;
    this.fail = fail;
    this.retire = retire;
    this.pruneBy = pruneBy;
    this.mayOvertake = mayOvertake;
    this.subscriptions = subscriptions;
    checkpoints = new CheckpointBound(manifest.current().holders());
    this.state = state;
    wantedLsn = state.lowWaterLsn();
  }

  /// {@return the segments as of now}
  LogState state() {
    return state;
  }

  /// Adds a segment that was activated.
  synchronized void activated(SegmentHeader next) {
    state = state.withActivated(next);
  }

  /// Opens a cursor that holds the mark from now on.
  ///
  /// @param fromLsn an LSN that must still be there, or 0 for the first that is
  /// @throws LsnGoneException if `fromLsn` is below the mark
  synchronized LogCursor open(OpenLog log, long fromLsn) throws LsnGoneException {
    // LSNs that a recovery discarded are passed over instead of being refused.
    return holding(
        log,
        fromLsn,
        from -> {
          LogState now = state;
          LogCursor cursor = new LogCursor(log, now.segments().get(now.indexOf(from)), from);
          cursors.add(cursor);
          return cursor;
        });
  }

  /// Does something while the mark cannot move.
  ///
  /// @param fromLsn an LSN that must still be there, or 0 for the first that is
  /// @param action given that LSN
  /// @return what it answers
  /// @throws LsnGoneException if the LSN is below the mark; nothing was done
  synchronized <T> T holding(OpenLog log, long fromLsn, LongFunction<T> action)
      throws LsnGoneException {
    if (fromLsn != 0 && fromLsn < state.lowWaterLsn()) {
      throw new LsnGoneException(fromLsn, log.firstLsn());
    }
    return action.apply(fromLsn == 0 ? log.firstLsn() : fromLsn);
  }

  /// Lets go of what a cursor held; nothing is removed yet.
  void close(LogCursor cursor) {
    cursors.remove(cursor);
  }

  /// Lets go of what all cursors held.
  void closeAll() {
    cursors.clear();
  }

  /// Says which LSN the owner needs; nothing is removed yet.
  ///
  /// @throws IllegalArgumentException if going on from the newest checkpoint needs a smaller one
  synchronized void want(long lsn) {
    checkpoints.check(lsn, state.lowWaterLsn());
    wantedLsn = Math.max(wantedLsn, lsn);
  }

  /// Says what is beyond retention; nothing is removed yet.
  synchronized void retain(long fromLsn) {
    retainedLsn = Math.max(retainedLsn, fromLsn);
  }

  // The mark as it may be now.
  private long allowedLsn(LogState now) {
    long lsn = Math.max(heldLsn(now), now.lowWaterLsn());
    return mayOvertake ? Math.max(lsn, retainedLsn) : lsn;
  }

  // As far as its holders allow; who is below the mark was overtaken and counts no more.
  private long heldLsn(LogState now) {
    long mark = now.lowWaterLsn();
    if (pruneBy == PruneBy.SUBSCRIPTIONS && subscriptions.isEmpty()) {
      return mark;
    }
    long lsn = subscriptions.floorLsn();
    if (pruneBy == PruneBy.SUBSCRIPTIONS && lsn == Long.MAX_VALUE) {
      return mark; // all were overtaken: nobody says what is no longer needed
    }
    if (pruneBy == PruneBy.OWNER) {
      lsn = Math.min(lsn, Math.max(retainedLsn, Math.max(wantedLsn, checkpoints.word())));
    }
    lsn = Math.min(lsn, checkpoints.lsn(mark));
    for (LogCursor cursor : cursors) {
      long position = cursor.position();
      if (position >= mark) {
        lsn = Math.min(lsn, position);
      }
    }
    return lsn;
  }

  // ---- checkpoints

  /// {@return the newest checkpoint, or null}
  synchronized @Nullable CheckpointStamp checkpoint() {
    return checkpoints.newest();
  }

  /// Holds the mark for a checkpoint that is about to be written.
  ///
  /// @throws IllegalArgumentException if it is older than the newest, or records behind it are gone
  synchronized void beginCheckpoint(long lsn) {
    CheckpointStamp newest = checkpoints.newest();
    if (newest != null && lsn < newest.lsn()) {
      throw new IllegalArgumentException(
          "there is a checkpoint at LSN " + newest.lsn() + "; one at " + lsn + " would be older");
    }
    if (lsn + 1 < state.lowWaterLsn()) {
      throw new IllegalArgumentException(
          "records behind LSN "
              + lsn
              + " were removed up to "
              + (state.lowWaterLsn() - 1)
              + ": nothing could go on from a checkpoint there");
    }
    checkpoints.take(lsn);
  }

  /// Says that it is written, or never will be.
  synchronized void endCheckpoint() {
    checkpoints.release();
  }

  /// Enters a checkpoint in the manifest, durably.
  ///
  /// @param nextGeneration of the one after it
  /// @return the names of files that it replaces
  /// @throws IOException if the manifest could not be changed, which fails the log
  Set<String> enterCheckpoint(CheckpointStamp entered, long nextGeneration) throws IOException {
    failure.check();
    Holders before = manifest.current().holders();
    CheckpointStamp kept = before.keptBeside(entered);
    try {
      manifest.change(
          log -> log.withHolders(log.holders().withCheckpoints(entered, kept, nextGeneration)));
      manifest.change(
          Manifest::again); // or the rot of one slot would leave the other naming what goes
    } catch (IOException | RuntimeException | Error e) {
      fail.accept(e); // which of the two manifests is on disk, nobody knows
      throw e;
    }
    Holders after = manifest.current().holders();
    synchronized (this) {
      checkpoints.set(after);
    }
    Set<String> replaced = before.checkpointFiles();
    replaced.removeAll(after.checkpointFiles());
    return replaced;
  }

  /// {@return whether a segment could be removed now}
  synchronized boolean mayRemove() {
    return state.segmentsBelow(allowedLsn(state)) > 0;
  }

  /// Takes the records of a segment out of the log; cursors go on behind it.
  synchronized void gone(long number) {
    state = state.withGone(number);
  }

  /// Raises the mark as far as its holders allow, durably, and removes what is below. The manifest
  /// comes first: what is removed must not be missed after a crash. Cursors see the mark raised
  /// before that: nobody waits for the disk to open one. Called by one thread at a time.
  ///
  /// @throws IOException if the manifest could not be changed, which fails the log
  void removeUnneeded() throws IOException {
    failure.check();
    TruncateEvent event = TruncateEvent.begun();
    LogState before;
    LogState after;
    boolean overtakes;
    synchronized (this) {
      before = state;
      long raised = allowedLsn(before);
      int count = before.segmentsBelow(raised);
      if (raised <= before.lowWaterLsn() && count == 0) {
        return;
      }
      overtakes = subscriptions.anyNeeds(raised);
      after = before.withLowWater(raised, count);
      state = after;
      subscriptions.passed(raised);
    }
    int removed = before.segments().size() - after.segments().size();
    enter(after, overtakes, removed > 0);
    retire.accept(before.segments().subList(0, removed), before.holes());
    if (event != null) {
      event.done(failure.log(), after.lowWaterLsn(), removed);
    }
  }

  // An ack below the mark is no sign of damage once a subscription was overtaken.
  private void enter(LogState after, boolean overtakes, boolean removes) throws IOException {
    long raised = after.lowWaterLsn();
    long first = after.segments().getFirst().number();
    try {
      manifest.change(
          log ->
              log.withLowWater(
                  raised, first, overtakes ? log.holders().withOvertaken(raised) : log.holders()));
      if (removes) { // or the rot of one slot would leave the other naming what is gone
        manifest.change(Manifest::again);
      }
    } catch (IOException | RuntimeException | Error e) {
      fail.accept(e); // which of the two manifests is on disk, nobody knows
      throw e;
    }
  }
}
