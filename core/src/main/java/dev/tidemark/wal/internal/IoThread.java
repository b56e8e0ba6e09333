package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The thread that writes when several append, changes segments, and sees to whatever is due after
/// a time: marks, syncs under async, rotation by age, claims that nobody publishes.
///
/// Anything thrown under the lease fails the log before the lease is free again.
final class IoThread {
  /// A durable LSN is promised in a mark when the log was idle for this long.
  private static final long MARK_NANOS = 10_000_000L;

  /// That mark is synced when the log was idle for this long.
  private static final long MARK_SYNC_NANOS = 1_000_000_000L;

  private static final long CLAIM_CHECK_NANOS = 50_000_000L;
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final Host host;
  private final Failure failure;
  private final Staging staging;
  private final GroupWriter group;
  private final Commit commit;
  private final Lease lease;
  private final Runnable onFailure;
  private final Rotations rotations;
  private final ClaimCheck claims;
  private final long claimTimeoutNanos;

  private volatile boolean idle; // set by the thread before it parks
  private volatile long parkedUntilNanos; // set by the thread before it parks
  private volatile boolean timerArmed; // set by the thread: it will see to the mark by itself
  private volatile boolean closing; // set once
  private volatile boolean stopped; // set once, by the thread
  private @Nullable Thread thread; // set once, by start, before anybody else sees this

  /// @param onFailure called once, when the log fails
  /// @param rotationAgeNanos the age at which a segment is sealed, or [Long#MAX_VALUE]
  /// @param claimTimeoutNanos how long a claim may stay unpublished
  IoThread(
      Host host,
      Failure failure,
      Staging staging,
      GroupWriter group,
      Commit commit,
      Lease lease,
      Runnable onFailure,
      long rotationAgeNanos,
      long claimTimeoutNanos) {
    this.host = host;
    this.failure = failure;
    this.staging = staging;
    this.group = group;
    this.commit = commit;
    this.lease = lease;
    this.onFailure = onFailure;
    this.claimTimeoutNanos = claimTimeoutNanos;
    rotations = new Rotations(host, failure, group, commit, this::fail, rotationAgeNanos);
    claims = new ClaimCheck(host, staging, claimTimeoutNanos);
  }

  /// Starts the thread.
  void start() {
    thread = host.start("tidemark-io", this::run);
  }

  // ---- any thread

  /// Sees to it that the thread looks for work, after something was published or asked for.
  void nudge() {
    VarHandle.fullFence();
    Thread io = thread;
    if (idle && io != null) {
      idle = false;
      host.unpark(io);
    }
  }

  /// Looks at what a holder of the lease left behind when it let go.
  void afterRelease() {
    boolean syncDueSooner = commit.syncDueNanos() < parkedUntilNanos - host.nanoTime();
    if (hasWork() || syncDueSooner) {
      nudge();
    }
  }

  /// Seals the active segment and waits until the next one is active.
  void rotate() throws IOException {
    failure.check();
    CompletableFuture<Void> done = rotations.ask();
    nudge();
    if (stopped || failure.isSet()) {
      rotations.refuseAll();
    }
    rotations.await(done);
  }

  /// Fails the log, if it has not failed before, and wakes everybody.
  void fail(Throwable cause) {
    if (failure.set(cause)) {
      Thread io = thread;
      if (io != null) {
        host.unpark(io); // first: if telling everybody does not succeed here, it does so
      }
      onFailure.run();
    }
  }

  /// Lets the thread write, sync and seal what was claimed, and end. Claims must be refused
  /// already.
  ///
  /// @param nanos how long to wait
  /// @return whether it has ended and nobody else is at the disk
  boolean close(long nanos) {
    closing = true;
    Thread io = thread;
    if (io == null) {
      return true;
    }
    host.unpark(io);
    return Threads.join(host, io, nanos) && awaitLease(nanos);
  }

  /// Waits, whatever interrupts, until nobody is at the disk. For callers that the log has failed
  /// and whose memory is read there.
  void awaitNobodyWrites() {
    boolean _ = awaitLease(FOR_EVER / 2);
  }

  // A caller may still be in the kernel.
  private boolean awaitLease(long nanos) {
    long deadline = host.nanoTime() + nanos;
    boolean interrupted = false;
    while (lease.isHeld() && host.nanoTime() - deadline < 0) {
      host.park(this, 1_000_000);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !lease.isHeld();
  }

  // ---- the thread

  private void run() {
    try {
      while (!stopped) {
        long nanos = work();
        if (nanos > 0 && !stopped) {
          parkedUntilNanos = host.nanoTime() + Math.min(nanos, FOR_EVER / 2);
          idle = true;
          VarHandle.fullFence();
          // While another holds the lease there is nothing to do here: it looks for work after
          // letting go.
          if (lease.isHeld()) {
            host.park(this, Math.min(nanos, MARK_NANOS));
          } else if (!hasWork()) {
            // Looked at again: who noted a record before this thread was idle did not wake it.
            // And at times for claims that nobody publishes: who makes one wakes nobody.
            long wait = Math.min(claimTimeoutNanos, Math.max(1, commit.syncDueNanos()));
            host.park(this, Math.min(nanos, wait));
          }
          idle = false;
        }
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      stopped = true;
      rotations.refuseAll();
      if (failure.isSet()) {
        onFailure.run(); // once more: whoever failed the log may have been unable to tell everybody
      }
    }
  }

  private boolean hasWork() {
    return staging.isReady()
        || (group.owesMark() && !timerArmed)
        || closing
        || failure.isSet()
        || rotations.areAsked()
        || commit.owesSync();
  }

  // Does what is due and answers how long there is nothing to do.
  private long work() {
    if (failure.isSet()) {
      stopped = true;
      return 0;
    }
    if (!lease.take()) {
      return MARK_NANOS;
    }
    try {
      // Asked again: a caller may have failed the log and let go of the lease just now. What its
      // failed sync left behind must not be synced, let alone acknowledged, here.
      if (failure.isSet()) {
        stopped = true;
        return 0;
      }
      boolean wrote;
      do { // on to the group that was staged meanwhile; whatever else is due is not kept waiting
        long started = commit.now();
        wrote = commit.write(true);
        rotations.makeNext(started);
        commit.syncIfDue(started);
      } while (wrote);
      if (closing && !staging.isClaimed()) {
        commit.seal();
        stopped = true;
        return 0;
      }
      claims.look();
      return Math.max(1, Math.min(markIfDue(), timers()));
    } catch (Throwable e) {
      fail(e);
      return 0;
    } finally {
      lease.release();
    }
  }

  // Writes or syncs a mark if that is due, and answers when to look again.
  private long markIfDue() throws IOException {
    long idleNanos = commit.idleNanos();
    long wait = FOR_EVER;
    timerArmed = group.owesMark(); // this thread looks again in time, also if claims are in the way
    if (timerArmed && !staging.isClaimed()) {
      if (idleNanos < MARK_NANOS) {
        wait = MARK_NANOS - idleNanos;
      } else {
        commit.mark();
        timerArmed = false;
      }
    } else if (timerArmed) {
      wait = CLAIM_CHECK_NANOS;
    }
    if (commit.isMarkUnsynced()) {
      if (idleNanos < MARK_SYNC_NANOS) {
        return Math.min(wait, MARK_SYNC_NANOS - idleNanos);
      }
      commit.syncMark();
    }
    return wait;
  }

  private long timers() {
    long claim = staging.isClaimed() ? CLAIM_CHECK_NANOS : FOR_EVER;
    return Math.min(claim, Math.min(commit.syncDueNanos(), rotations.leftNanos()));
  }
}
