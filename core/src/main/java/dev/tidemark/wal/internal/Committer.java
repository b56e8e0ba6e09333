package dev.tidemark.wal.internal;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Group commit: decides who writes, and when.
///
/// Whoever holds the *lease* writes and syncs. That is the I/O thread when several append at once;
/// a lone platform thread takes the lease itself, because handing over to another thread and back
/// costs a good part of a sync. The next group is staged meanwhile. No wake-up is lost: an appender
/// publishes and then looks at the lease; a holder lets go of the lease and then looks at staging;
/// at least one of them sees the other.
///
/// Anything thrown under the lease fails the log before the lease is free again.
final class Committer {
  private static final VarHandle LEASE;
  private static final int FREE = 0;
  private static final int HELD = 1;

  /// A durable LSN is promised in a mark when the log was idle for this long, and the mark synced
  /// after that.
  private static final long MARK_NANOS = 10_000_000L;

  private static final long MARK_SYNC_NANOS = 1_000_000_000L;
  private static final long CLAIM_CHECK_NANOS = 50_000_000L;
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final int STACK_PROBE_FRAMES = 400;

  static {
    try {
      LEASE = MethodHandles.lookup().findVarHandle(Committer.class, "lease", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private record Rotation(CompletableFuture<Void> done) {}

  private final Host host;
  private final Failure failure;
  private final Staging staging;
  private final GroupWriter group;
  private final Waiters durables;
  private final Waiters acks;
  private final Runnable onFailure;
  private final Runnable onProgress;
  private final boolean async;
  private final long maxDelayNanos;
  private final long rotationAgeNanos;
  private final long claimTimeoutNanos;
  private final boolean callersMayCommit;

  @SuppressWarnings("UnusedVariable")
  private int lease; // by LEASE

  private volatile boolean idle; // set by the I/O thread before it parks
  private volatile boolean timerArmed; // set by the I/O thread: it will see to the mark by itself
  private volatile long lastGroupNanos; // written by the lease holder
  private volatile boolean markUnsynced; // written by the lease holder
  private volatile long syncWantedLsn; // raised by awaitDurable and sync, racily: see wantSync
  private volatile long oldestUnsyncedNanos; // async: 0 if nothing is unsynced; see noteStaged
  private final ConcurrentLinkedQueue<Rotation> rotations = new ConcurrentLinkedQueue<>();
  private volatile boolean closing; // set once
  private volatile boolean stopped; // set once, by the I/O thread
  private @Nullable Thread thread; // set once, before anybody else sees this

  private long stuckLsn; // owned by the I/O thread
  private long stuckSinceNanos; // owned by the I/O thread
  private long agedRetryNanos; // owned by the I/O thread; 0 if rotation by age was never refused

  /// What the log is made of, for a committer.
  record Parts(
      Host host,
      Failure failure,
      Staging staging,
      GroupWriter group,
      Waiters durables,
      Waiters acks,
      Runnable onFailure,
      Runnable onProgress) {}

  /// @param parts the rest of the log
  /// @param sync when an append is acknowledged
  /// @param rotationAgeNanos the age at which a segment is sealed, or [Long#MAX_VALUE]
  /// @param claimTimeoutNanos how long a claim may stay unpublished
  /// @param callersMayCommit whether appenders may take the lease
  Committer(
      Parts parts,
      SyncPolicy sync,
      long rotationAgeNanos,
      long claimTimeoutNanos,
      boolean callersMayCommit) {
    host = parts.host();
    failure = parts.failure();
    staging = parts.staging();
    group = parts.group();
    durables = parts.durables();
    acks = parts.acks();
    onFailure = parts.onFailure();
    onProgress = parts.onProgress();
    async = sync instanceof SyncPolicy.Async;
    maxDelayNanos = sync instanceof SyncPolicy.Async(var delay) ? delay.toNanos() : 0;
    this.rotationAgeNanos = rotationAgeNanos;
    this.claimTimeoutNanos = claimTimeoutNanos;
    this.callersMayCommit = callersMayCommit;
  }

  /// Starts the I/O thread.
  void start() {
    lastGroupNanos = host.nanoTime();
    thread = host.start("tidemark-io", this::run);
  }

  // ---- any thread

  /// Waits until a published record is acknowledged, committing it on this thread if nobody else is
  /// at it.
  void await(long lsn) throws WalFailedException {
    if (acks.reached() >= lsn) {
      return;
    }
    VarHandle.fullFence(); // the publication, then the look at the lease
    if (mayCommitHere() && LEASE.compareAndSet(this, FREE, HELD)) {
      commitHere();
      if (acks.reached() >= lsn) {
        return;
      }
      nudge();
    } else if ((int) LEASE.getVolatile(this) == FREE) {
      nudge(); // if it is held, its holder looks at staging after letting go
    }
    acks.await(lsn);
  }

  private boolean mayCommitHere() {
    return callersMayCommit && !Thread.currentThread().isVirtual() && hasStack();
  }

  // A stack overflow under the lease would fail the log, and it is not the log's fault.
  private static boolean hasStack() {
    try {
      return probe(STACK_PROBE_FRAMES) >= 0;
    } catch (StackOverflowError _) {
      return false;
    }
  }

  private static int probe(int frames) {
    return frames == 0 ? 0 : 1 + probe(frames - 1);
  }

  private void commitHere() {
    try {
      if (!failure.isSet()) {
        commit(false);
      }
    } catch (Throwable e) {
      fail(e);
    }
    release();
  }

  private void release() {
    LEASE.setVolatile(this, FREE);
    VarHandle.fullFence();
    if (staging.isReady() || (group.owesMark() && !timerArmed)) {
      nudge();
    }
  }

  /// Sees to it that what was published is written without a caller waiting for it.
  void nudge() {
    VarHandle.fullFence();
    Thread io = thread;
    if (idle && io != null) {
      idle = false;
      host.unpark(io);
    }
  }

  /// Notes that a record was claimed, for the bound on how long it may stay unsynced.
  void noteStaged() {
    if (async && oldestUnsyncedNanos == 0) {
      oldestUnsyncedNanos = nonZero(host.nanoTime());
      nudge();
    }
  }

  /// {@return whether a staged record may be acknowledged at once: async, and the oldest unsynced
  /// one young enough}
  boolean acknowledgesStaged() {
    if (!async) {
      return false;
    }
    long oldest = oldestUnsyncedNanos;
    return oldest == 0 || host.nanoTime() - oldest < maxDelayNanos;
  }

  private static long nonZero(long nanos) {
    return nanos == 0 ? 1 : nanos;
  }

  /// Waits until an LSN that was handed out is durable, causing a sync if need be.
  void awaitDurable(long lsn) throws WalFailedException {
    if (durables.reached() >= lsn) {
      return;
    }
    if (async) {
      wantSync(lsn);
    }
    durables.await(lsn);
  }

  private synchronized void wantSync(long lsn) {
    if (syncWantedLsn < lsn) {
      syncWantedLsn = lsn;
    }
    nudge();
  }

  /// Seals the active segment and waits until the next one is active.
  void rotate() throws IOException {
    failure.check();
    CompletableFuture<Void> done = new CompletableFuture<>();
    rotations.add(new Rotation(done));
    nudge();
    if (stopped || failure.isSet()) {
      failRotations();
    }
    try {
      done.join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /// Fails the log, if it has not failed before, and wakes everybody.
  void fail(Throwable cause) {
    if (failure.set(cause)) {
      acks.wakeAll();
      durables.wakeAll();
      onFailure.run();
      Thread io = thread;
      if (io != null) {
        host.unpark(io);
      }
    }
  }

  // ---- under the lease

  private void commit(boolean mayRotate) throws IOException {
    long started = async ? nonZero(host.nanoTime()) : 0;
    while (group.writeGroup(mayRotate)) {
      lastGroupNanos = host.nanoTime();
      markUnsynced = false;
      if (!async) {
        group.sync();
        advance();
      } else if (isSyncDue()) {
        sync(started); // before the ack, which must not come when the bound is over
      } else {
        acks.advance(group.writtenLsn());
        onProgress.run();
      }
      if (!mayRotate) {
        return;
      }
    }
  }

  private boolean isSyncDue() {
    long oldest = oldestUnsyncedNanos;
    return syncWantedLsn > group.durableLsn()
        || (oldest != 0 && host.nanoTime() - oldest >= maxDelayNanos / 2);
  }

  // A sync under async. What was claimed after `started` and is not in it counts as unsynced since
  // `started`.
  private void sync(long started) throws IOException {
    group.sync();
    oldestUnsyncedNanos = 0;
    VarHandle.fullFence();
    if (staging.isClaimed() || staging.isReady()) {
      oldestUnsyncedNanos = started;
    }
    advance();
    if (group.owesMark() && !staging.isClaimed()) {
      group.mark();
      markUnsynced = true;
    }
  }

  private void advance() {
    durables.advance(group.durableLsn());
    if (acks != durables) {
      acks.advance(group.writtenLsn());
    }
    onProgress.run();
  }

  // ---- the I/O thread

  private void run() {
    try {
      while (!stopped) {
        long nanos = work();
        if (nanos > 0 && !stopped) {
          idle = true;
          VarHandle.fullFence();
          if (!hasWork()) {
            host.park(this, nanos);
          }
          idle = false;
        }
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      stopped = true;
      failRotations();
    }
  }

  private boolean hasWork() {
    return staging.isReady()
        || closing
        || failure.isSet()
        || !rotations.isEmpty()
        || syncWantedLsn > group.durableLsn();
  }

  // Does what is due and answers how long there is nothing to do.
  private long work() {
    if (failure.isSet()) {
      stopped = true;
      return 0;
    }
    if (!LEASE.compareAndSet(this, FREE, HELD)) {
      return MARK_NANOS; // the holder wakes this thread if it leaves anything behind
    }
    try {
      commit(true);
      rotateIfAsked();
      syncIfDue();
      if (closing && !staging.isClaimed()) {
        finish();
        return 0;
      }
      checkClaims();
      return markIfDue();
    } catch (Throwable e) {
      fail(e);
      return 0;
    } finally {
      LEASE.setVolatile(this, FREE);
    }
  }

  private void rotateIfAsked() throws IOException {
    Rotation asked = rotations.poll();
    boolean old = rotationAgeNanos != FOR_EVER && ageLeftNanos() <= 0;
    if (asked == null && !old) {
      return;
    }
    try {
      if (group.holdsRecords()) {
        group.rotate(false);
        advance();
      }
      if (asked != null) {
        asked.done().complete(null);
      }
    } catch (WalFullException e) {
      // The segment was synced and goes on; nothing was begun.
      advance();
      agedRetryNanos = host.nanoTime() + MARK_SYNC_NANOS;
      if (asked != null) {
        asked.done().completeExceptionally(e);
      }
    } catch (Throwable e) {
      fail(e);
      if (asked != null) {
        asked.done().completeExceptionally(failure.exception());
      }
      throw e;
    }
  }

  private void syncIfDue() throws IOException {
    if (async && group.writtenLsn() > group.durableLsn() && isSyncDue()) {
      sync(nonZero(host.nanoTime()));
    }
  }

  // Nobody else may publish in its place: its owner may still be copying.
  private void checkClaims() throws IOException {
    if (!staging.isClaimed() || staging.isReady()) {
      stuckLsn = 0;
      return;
    }
    long lsn = staging.nextLsn();
    if (lsn != stuckLsn) {
      stuckLsn = lsn;
      stuckSinceNanos = host.nanoTime();
    } else if (host.nanoTime() - stuckSinceNanos >= claimTimeoutNanos) {
      throw new IOException(
          "the payload of LSN "
              + lsn
              + " was not copied within "
              + claimTimeoutNanos / 1_000_000
              + " ms; nothing after it can be written");
    }
  }

  private long markIfDue() throws IOException {
    long wait = staging.isClaimed() ? CLAIM_CHECK_NANOS : FOR_EVER;
    long idleNanos = host.nanoTime() - lastGroupNanos;
    if (group.owesMark() && !staging.isClaimed()) {
      timerArmed = true;
      if (idleNanos < MARK_NANOS) {
        return Math.min(wait, MARK_NANOS - idleNanos);
      }
      group.mark();
      markUnsynced = true;
    }
    timerArmed = false;
    if (markUnsynced) {
      if (idleNanos < MARK_SYNC_NANOS) {
        return Math.min(wait, MARK_SYNC_NANOS - idleNanos);
      }
      markUnsynced = false;
      group.sync();
    }
    return Math.max(1, Math.min(wait, timers()));
  }

  private long timers() {
    long wait = FOR_EVER;
    long now = host.nanoTime();
    long oldest = oldestUnsyncedNanos;
    if (oldest != 0) {
      wait = Math.min(wait, oldest + maxDelayNanos / 2 - now);
    }
    if (rotationAgeNanos != FOR_EVER) {
      wait = Math.min(wait, ageLeftNanos());
    }
    return wait;
  }

  // How long until the active segment is to be sealed for its age.
  private long ageLeftNanos() {
    if (!group.holdsRecords()) {
      return FOR_EVER;
    }
    long now = host.nanoTime();
    long left = group.activatedNanos() + rotationAgeNanos - now;
    return agedRetryNanos == 0 ? left : Math.max(left, agedRetryNanos - now);
  }

  private void finish() throws IOException {
    group.sync();
    advance();
    group.seal();
    stopped = true;
  }

  private void failRotations() {
    for (Rotation asked = rotations.poll(); asked != null; asked = rotations.poll()) {
      asked
          .done()
          .completeExceptionally(
              failure.isSet()
                  ? failure.exception()
                  : new IllegalStateException("the log is closed"));
    }
  }

  // ---- closing

  /// Lets the I/O thread write, sync and seal what was claimed, and end. Claims must be refused
  /// already.
  ///
  /// @param nanos how long to wait
  /// @return whether the thread has ended
  boolean close(long nanos) {
    closing = true;
    Thread io = thread;
    if (io == null) {
      return true;
    }
    host.unpark(io);
    boolean ended = Threads.join(io, nanos);
    return ended && awaitLease(nanos);
  }

  // A caller may still be in the kernel.
  private boolean awaitLease(long nanos) {
    long deadline = System.nanoTime() + nanos;
    while ((int) LEASE.getVolatile(this) == HELD) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.onSpinWait();
      host.park(this, 1_000_000);
    }
    return true;
  }
}
