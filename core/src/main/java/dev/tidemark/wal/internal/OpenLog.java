package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.time.Duration;

/// A log that this process writes, as its cursors and subscriptions see it. Safe for any thread.
final class OpenLog {
  private final Storage storage;
  private final Host host;
  private final Codecs codecs;
  private final Failure failure;
  private final Life life;
  private final Staging staging;
  private final Waiters durables;
  private final Upkeep upkeep;
  private final LowWater lowWater;

  OpenLog(
      Storage storage,
      Host host,
      Codecs codecs,
      Failure failure,
      Life life,
      Staging staging,
      Waiters durables,
      Upkeep upkeep) {
    this.storage = storage;
    this.host = host;
    this.codecs = codecs;
    this.failure = failure;
    this.life = life;
    this.staging = staging;
    this.durables = durables;
    this.upkeep = upkeep;
    lowWater = upkeep.lowWater;
  }

  Storage storage() {
    return storage;
  }

  Host host() {
    return host;
  }

  Codecs codecs() {
    return codecs;
  }

  /// {@return the segments as of now}
  LogState state() {
    return lowWater.state();
  }

  /// {@return the first LSN that is there; the next one to come if none is}
  long firstLsn() {
    LogState now = state();
    long first = Math.max(now.lowWaterLsn(), now.segments().getFirst().firstLsn());
    return Math.min(first, lastLsn() + 1);
  }

  /// {@return the last LSN that was handed out}
  long lastLsn() {
    return staging.lastLsn();
  }

  /// {@return the last LSN that is durable; whatever stands at or below it is whole, or damaged}
  long durableLsn() {
    return durables.reached();
  }

  /// Waits until something behind an LSN is durable.
  ///
  /// @return whether it is; if not, the time is over or the log closed
  /// @throws WalFailedException if the log has failed
  boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException {
    return durables.await(lsn + 1, Threads.nanos(timeout));
  }

  /// Refuses to go on reading a log that is closed, or was opened again as another.
  void checkNotClosed() throws WalFailedException {
    life.checkNotClosed();
  }

  /// Refuses an ack that is not durable, and any if the log has failed.
  void checkAck(long lsn) throws WalFailedException {
    failure.check();
    if (lsn > durableLsn()) {
      throw new IllegalArgumentException(
          "records up to " + durableLsn() + " are durable; cannot acknowledge " + lsn);
    }
  }

  /// Lets go of what a cursor held, and has removed what only it needed.
  void closed(LogCursor cursor) {
    upkeep.closed(cursor);
  }
}
