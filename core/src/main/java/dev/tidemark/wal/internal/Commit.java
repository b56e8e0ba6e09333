package dev.tidemark.wal.internal;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/// Writes groups, syncs them when the policy says so, and only then acknowledges them. Methods that
/// write are for the lease holder; the rest is for any thread.
final class Commit {
  private final Host host;
  private final Staging staging;
  private final GroupWriter group;
  private final Waiters durables;
  private final Waiters acks;
  private final Runnable onProgress;
  private final boolean async;
  private final long maxDelayNanos;

  private volatile long lastGroupNanos; // written by the lease holder
  private volatile boolean markUnsynced; // written by the lease holder
  private volatile long syncWantedLsn; // raised under this
  // Under async; 0 if nothing is unsynced; see noteStaged, settle.
  private final AtomicLong oldestUnsyncedNanos = new AtomicLong();

  /// @param durables whoever waits for durability
  /// @param acks whoever waits for an acknowledgement; the same as `durables` unless the policy is
  ///   async
  /// @param onProgress called when either has grown
  Commit(
      Host host,
      Staging staging,
      GroupWriter group,
      Waiters durables,
      Waiters acks,
      Runnable onProgress,
      SyncPolicy sync) {
    this.host = host;
    this.staging = staging;
    this.group = group;
    this.durables = durables;
    this.acks = acks;
    this.onProgress = onProgress;
    async = sync instanceof SyncPolicy.Async;
    maxDelayNanos = sync instanceof SyncPolicy.Async(var delay) ? delay.toNanos() : 0;
    lastGroupNanos = host.nanoTime();
  }

  // ---- any thread

  /// Notes that a record was claimed, for the bound on how long it may stay unsynced.
  ///
  /// @return whether it is the first that is unsynced, so that somebody must see to the bound
  boolean noteStaged() {
    // Only from 0: a sync that ends now may know of an older one.
    return async && oldestUnsyncedNanos.get() == 0 && oldestUnsyncedNanos.compareAndSet(0, now());
  }

  /// {@return whether a staged record may be acknowledged at once: async, and the oldest unsynced
  /// one is young enough}
  boolean acknowledgesStaged() {
    if (!async) {
      return false;
    }
    long oldest = oldestUnsyncedNanos.get();
    return oldest == 0 || host.nanoTime() - oldest < maxDelayNanos;
  }

  /// Asks for a sync of everything up to an LSN.
  ///
  /// @return whether one has to be caused: under the other policies there is always one coming
  boolean wantSync(long lsn) {
    if (!async) {
      return false;
    }
    synchronized (this) {
      if (syncWantedLsn < lsn) {
        syncWantedLsn = lsn;
      }
    }
    return true;
  }

  /// {@return whether a sync was asked for that has not come yet, and there is something to sync}
  boolean owesSync() {
    return syncWantedLsn > group.durableLsn() && group.writtenLsn() > group.durableLsn();
  }

  /// {@return how long ago the last group was written}
  long idleNanos() {
    return host.nanoTime() - lastGroupNanos;
  }

  /// {@return how long until written records must be synced; [Long#MAX_VALUE] if there are none}
  long syncDueNanos() {
    if (!async) {
      return Long.MAX_VALUE;
    }
    long oldest = oldestUnsyncedNanos.get();
    boolean unsynced = oldest != 0 && group.writtenLsn() > group.durableLsn();
    return unsynced ? oldest + maxDelayNanos / 2 - host.nanoTime() : Long.MAX_VALUE;
  }

  /// {@return the time, never 0, which stands for "nothing is unsynced"}
  long now() {
    long nanos = host.nanoTime();
    return nanos == 0 ? 1 : nanos;
  }

  // ---- the lease holder

  /// Writes one group of what is published, syncs it if that is due, and acknowledges it.
  ///
  /// @param mayRotate whether segments may be changed; if not, stops before what does not fit
  /// @return whether there was anything
  boolean write(boolean mayRotate) throws IOException {
    long started = async ? now() : 0;
    if (!group.writeGroup(mayRotate)) {
      return false;
    }
    lastGroupNanos = host.nanoTime();
    markUnsynced = false;
    if (!async) {
      group.sync();
      acknowledge();
    } else if (isSyncDue()) {
      sync(started); // before the ack, which must not come when the bound is over
    } else {
      acknowledge(); // a change of segments may have synced a part of it
    }
    return true;
  }

  private boolean isSyncDue() {
    long oldest = oldestUnsyncedNanos.get();
    return owesSync() || (oldest != 0 && host.nanoTime() - oldest >= maxDelayNanos / 2);
  }

  /// Under async, syncs what is written if that is due.
  ///
  /// @param started a moment before the last group was taken from staging
  void syncIfDue(long started) throws IOException {
    if (async && group.writtenLsn() > group.durableLsn() && isSyncDue()) {
      sync(started);
    }
  }

  private void sync(long started) throws IOException {
    group.sync();
    settle(started);
    acknowledge();
    if (group.owesMark() && !staging.isClaimed()) {
      mark();
    }
  }

  /// Under async, after everything written was synced: what was claimed meanwhile and is not in the
  /// sync counts as unsynced since `started`. An appender claims, then looks at the time; this sets
  /// the time, then looks for claims: one of the two sees the other.
  void settle(long started) {
    if (async) {
      oldestUnsyncedNanos.set(0);
      VarHandle.fullFence();
      if (staging.isClaimed() || staging.isReady()) {
        oldestUnsyncedNanos.set(started);
      }
    }
  }

  /// Wakes whoever waits for what is durable or written.
  void acknowledge() {
    durables.advance(group.durableLsn());
    if (acks != durables) {
      acks.advance(group.writtenLsn());
    }
    onProgress.run();
  }

  /// Writes a mark.
  void mark() throws IOException {
    group.mark();
    markUnsynced = true;
  }

  /// {@return whether the last thing written is a mark that is not synced}
  boolean isMarkUnsynced() {
    return markUnsynced;
  }

  /// Syncs a mark.
  void syncMark() throws IOException {
    markUnsynced = false;
    group.sync();
  }

  /// Syncs everything, acknowledges it, and seals the log.
  void seal() throws IOException {
    group.sync();
    acknowledge();
    group.seal();
  }
}
