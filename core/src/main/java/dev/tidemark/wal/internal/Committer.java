package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import java.lang.invoke.VarHandle;

/// Group commit, as appenders see it: decides who writes.
///
/// Whoever holds the [Lease] writes and syncs. That is the [IoThread] when several append at once;
/// a lone platform thread takes the lease itself, because handing over to another thread and back
/// costs a good part of a sync. The next group is staged meanwhile. No wake-up is lost: an appender
/// publishes and then looks at the lease; a holder lets go of the lease and then looks at staging;
/// at least one of them sees the other.
///
/// Safe for use by any thread. Nothing here allocates.
final class Committer {
  private static final int STACK_PROBE_FRAMES = 400;

  private final Host host;
  private final Failure failure;
  private final Lease lease;
  private final Commit commit;
  private final IoThread io;
  private final Waiters durables;
  private final Waiters acks;
  private final boolean callersMayCommit;

  /// @param callersMayCommit whether appenders may take the lease: not where an interrupt closes
  ///   files
  Committer(
      Host host,
      Failure failure,
      Lease lease,
      Commit commit,
      IoThread io,
      Waiters durables,
      Waiters acks,
      boolean callersMayCommit) {
    this.host = host;
    this.failure = failure;
    this.lease = lease;
    this.commit = commit;
    this.io = io;
    this.durables = durables;
    this.acks = acks;
    this.callersMayCommit = callersMayCommit;
  }

  /// Waits until a published record is acknowledged, committing it on this thread if nobody else is
  /// at it.
  ///
  /// @throws WalFailedException if the log fails first; whether the record survives is then unknown
  void await(long lsn) throws WalFailedException {
    if (acks.reached() >= lsn) {
      return;
    }
    VarHandle.fullFence(); // the publication, then the look at the lease
    if (mayCommitHere() && lease.take()) {
      commitHere();
      if (acks.reached() >= lsn) {
        return;
      }
      io.nudge(); // it did not fit the segment, or an earlier claim is not yet published
    } else if (!lease.isHeld()) {
      io.nudge();
    }
    acks.await(lsn);
  }

  private boolean mayCommitHere() {
    return callersMayCommit && host.callerMayWrite() && hasStack();
  }

  // A stack overflow under the lease would fail the log, and it is not the log's fault.
  private static boolean hasStack() {
    try {
      return probe(STACK_PROBE_FRAMES) >= 0;
    } catch (StackOverflowError _) {
      return false;
    }
  }

  /// Overflows the stack now if it would between a claim and its publication, where it would leave
  /// a claim that nobody can publish.
  static void checkStack() {
    int _ = probe(STACK_PROBE_FRAMES / 2);
  }

  private static int probe(int frames) {
    return frames == 0 ? 0 : 1 + probe(frames - 1);
  }

  private void commitHere() {
    try {
      if (!failure.isSet()) {
        boolean _ = commit.write(false);
      }
    } catch (Throwable e) {
      io.fail(e);
    } finally {
      lease.release();
      io.afterRelease();
    }
  }

  /// Waits until a batch that was handed over is no longer read, after the log has failed.
  void awaitNobodyWrites() {
    io.awaitNobodyWrites();
  }

  /// Sees to it that a published record is written without a caller waiting for it.
  void nudge() {
    VarHandle.fullFence();
    if (!lease.isHeld()) {
      io.nudge(); // if it is held, its holder looks at staging after letting go
    }
  }

  /// Notes that a record was claimed, for the bound on how long it may stay unsynced under async.
  void noteStaged() {
    if (commit.noteStaged()) {
      io.nudge();
    }
  }

  /// {@return whether a staged record may be acknowledged at once}
  boolean acknowledgesStaged() {
    return commit.acknowledgesStaged();
  }

  /// Waits until an LSN that was handed out is durable, causing a sync if need be.
  ///
  /// @throws WalFailedException if the log fails first
  void awaitDurable(long lsn) throws WalFailedException {
    if (durables.reached() < lsn && commit.wantSync(lsn)) {
      io.nudge();
    }
    durables.await(lsn);
  }
}
