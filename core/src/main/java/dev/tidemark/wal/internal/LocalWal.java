package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A log on a [Storage], as its owner sees it: checks what is asked for, and passes it on to the
/// room that does it. [Opening] makes it, an [Engine] works for it, [Closing] ends it.
public final class LocalWal implements Wal {
  private static final long CLOSE_NANOS = Duration.ofSeconds(15).toNanos();

  private final Life life;
  private final OpenLog log;
  private final Upkeep upkeep;
  private final Appender appender;
  private final Committer committer;
  private final IoThread io;
  private final PruneBy pruneBy;
  private final RecoveryReport recovery;
  private final Overview overview;
  private final Closing closing;

  LocalWal(Engine engine, Closing closing, PruneBy pruneBy, Recovery.Recovered recovered) {
    this.closing = closing;
    this.pruneBy = pruneBy;
    life = engine.life;
    log = engine.log;
    upkeep = engine.upkeep;
    appender = engine.path.appender;
    committer = engine.path.committer;
    io = engine.path.io;
    recovery = recovered.report();
    overview = new Overview(engine, recovered.lastLsn());
  }

  /// Opens or creates a log; the contract is [Wal#open(Storage, Host, WalOptions)].
  ///
  /// @param storage where the files are; closed with the log, or if opening fails
  /// @param host clock, random numbers, threads
  /// @param options how the log works
  /// @return the open log
  /// @throws IOException as the contract says
  public static Wal open(Storage storage, Host host, WalOptions options) throws IOException {
    return open(storage, host, options, CLOSE_NANOS);
  }

  /// Judges a log and changes nothing; the contract is [Wal#check].
  ///
  /// @param storage where the files are; closed on return
  /// @param host the clock
  /// @param options those the log is to be opened with
  /// @throws IOException as the contract says
  public static void check(Storage storage, Host host, WalOptions options) throws IOException {
    new Opening(storage, host, options, CLOSE_NANOS).check();
  }

  /// Opens or creates a log that waits at most about twice `closeNanos` for a disk that hangs when
  /// it is closed.
  static Wal open(Storage storage, Host host, WalOptions options, long closeNanos)
      throws IOException {
    return new Opening(storage, host, options, closeNanos).open();
  }

  // ---- appending

  @Override
  public long append(MemorySegment payload) throws IOException {
    return appender.append(payload);
  }

  @Override
  public long append(Batch batch) throws IOException {
    return appender.append(batch);
  }

  @Override
  public long appendControl(MemorySegment payload) throws IOException {
    return appender.appendControl(payload);
  }

  @Override
  public long appendControl(Batch batch) throws IOException {
    return appender.appendControl(batch);
  }

  @Override
  public CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
    return appender.appendAsync(payload);
  }

  @Override
  public void awaitDurable(long lsn) throws IOException {
    if (lsn > lastLsn()) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " was never handed out; the last is " + lastLsn());
    }
    committer.awaitDurable(lsn);
  }

  @Override
  public boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException {
    return log.awaitDurableBeyond(lsn, timeout);
  }

  @Override
  public long sync() throws IOException {
    life.checkUsable();
    committer.awaitDurable(lastLsn());
    return durableLsn();
  }

  // ---- reading

  @Override
  public Cursor read(long fromLsn) throws IOException {
    life.checkNotClosed();
    checkStart(fromLsn);
    return upkeep.lowWater.open(log, fromLsn);
  }

  @Override
  public Cursor read() throws IOException {
    life.checkNotClosed();
    return upkeep.lowWater.open(log, 0);
  }

  private void checkStart(long fromLsn) {
    if (fromLsn < 1 || fromLsn > lastLsn() + 1) {
      throw new IllegalArgumentException(
          "fromLsn must be 1 to " + (lastLsn() + 1) + ": " + fromLsn);
    }
  }

  // ---- subscriptions

  @Override
  public Subscription subscribe(String name) throws IOException {
    life.checkUsable();
    return upkeep.subscriptions.subscribe(log, upkeep.lowWater, name, 0);
  }

  @Override
  public Subscription subscribe(String name, long fromLsn) throws IOException {
    life.checkUsable();
    checkStart(fromLsn);
    committer.awaitDurable(fromLsn - 1); // an ack promises that its LSN is durable
    return upkeep.subscriptions.subscribe(log, upkeep.lowWater, name, fromLsn);
  }

  @Override
  public List<SubscriptionStatus> subscriptions() {
    return upkeep.subscriptions.list(durableLsn());
  }

  @Override
  public void unsubscribe(String name) throws IOException {
    life.checkUsable();
    upkeep.subscriptions.unsubscribe(name);
  }

  // ---- segments

  @Override
  public void rotate() throws IOException {
    life.checkUsable();
    io.rotate();
  }

  @Override
  public List<Segment> segments() {
    return log.state().asSegments(lastLsn());
  }

  @Override
  public List<Hole> holes() {
    LogState now = log.state();
    return now.holes().list(now.segments(), now.lowWaterLsn());
  }

  @Override
  public void removeSegment(long number) throws IOException {
    life.checkUsable();
    upkeep.removeSegment(number);
  }

  @Override
  public void truncateBefore(long lsn) throws IOException {
    life.checkUsable();
    if (pruneBy == PruneBy.SUBSCRIPTIONS) {
      throw new IllegalStateException(
          "the log is opened with pruneBy = SUBSCRIPTIONS: only acks of subscriptions move the"
              + " low-water mark");
    }
    if (lsn > durableLsn() + 1) {
      throw new IllegalArgumentException(
          "records up to " + durableLsn() + " are durable; cannot truncate before " + lsn);
    }
    upkeep.truncateBefore(lsn);
  }

  // ---- checkpoints

  @Override
  public Checkpoint checkpoint(long lsn, SnapshotWriter snapshot) throws IOException {
    life.checkUsable();
    if (lsn < 0 || lsn > lastLsn()) {
      throw new IllegalArgumentException(
          "the last LSN is " + lastLsn() + "; a checkpoint cannot be at " + lsn);
    }
    return upkeep.checkpoints.take(lsn, snapshot, () -> committer.awaitDurable(lsn));
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return upkeep.checkpoints.newest();
  }

  // ---- seeing inside

  @Override
  public long firstLsn() {
    return log.firstLsn();
  }

  @Override
  public long lastLsn() {
    return log.lastLsn();
  }

  @Override
  public long durableLsn() {
    return log.durableLsn();
  }

  @Override
  public RecoveryReport recovery() {
    return recovery;
  }

  @Override
  public WalMetrics metrics() {
    return overview.metrics();
  }

  // ---- the end

  @Override
  public Wal reopen() throws IOException {
    return closing.reopen();
  }

  @Override
  public void close() throws IOException {
    closing.close();
  }
}
