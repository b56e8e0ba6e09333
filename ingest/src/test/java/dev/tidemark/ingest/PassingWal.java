package dev.tidemark.ingest;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalMetrics;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A log in front of a real one; a test overrides what it wants to be different.
public class PassingWal implements Wal {
  private final Wal real;

  /// @param real does what is not overridden
  public PassingWal(Wal real) {
    this.real = real;
  }

  @Override
  public long append(MemorySegment payload) throws IOException {
    return real.append(payload);
  }

  @Override
  public long append(Batch batch) throws IOException {
    return real.append(batch);
  }

  @Override
  public long appendControl(MemorySegment payload) throws IOException {
    return real.appendControl(payload);
  }

  @Override
  public long appendControl(Batch batch) throws IOException {
    return real.appendControl(batch);
  }

  @Override
  public CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
    return real.appendAsync(payload);
  }

  @Override
  public void awaitDurable(long lsn) throws IOException {
    real.awaitDurable(lsn);
  }

  @Override
  public long sync() throws IOException {
    return real.sync();
  }

  @Override
  public Cursor read(long fromLsn) throws IOException {
    return real.read(fromLsn);
  }

  @Override
  public Cursor read() throws IOException {
    return real.read();
  }

  @Override
  public Subscription subscribe(String name) throws IOException {
    return real.subscribe(name);
  }

  @Override
  public Subscription subscribe(String name, long fromLsn) throws IOException {
    return real.subscribe(name, fromLsn);
  }

  @Override
  public List<SubscriptionStatus> subscriptions() {
    return real.subscriptions();
  }

  @Override
  public void unsubscribe(String name) throws IOException {
    real.unsubscribe(name);
  }

  @Override
  public Checkpoint checkpoint(long lsn, SnapshotWriter snapshot) throws IOException {
    return real.checkpoint(lsn, snapshot);
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return real.checkpoint();
  }

  @Override
  public void rotate() throws IOException {
    real.rotate();
  }

  @Override
  public List<Segment> segments() {
    return real.segments();
  }

  @Override
  public List<Hole> holes() {
    return real.holes();
  }

  @Override
  public void removeSegment(long number) throws IOException {
    real.removeSegment(number);
  }

  @Override
  public void truncateBefore(long lsn) throws IOException {
    real.truncateBefore(lsn);
  }

  @Override
  public long firstLsn() {
    return real.firstLsn();
  }

  @Override
  public long lastLsn() {
    return real.lastLsn();
  }

  @Override
  public long durableLsn() {
    return real.durableLsn();
  }

  @Override
  public RecoveryReport recovery() {
    return real.recovery();
  }

  @Override
  public WalMetrics metrics() {
    return real.metrics();
  }

  @Override
  public boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException {
    return real.awaitDurableBeyond(lsn, timeout);
  }

  @Override
  public Wal reopen() throws IOException {
    return real.reopen();
  }

  @Override
  public void close() throws IOException {
    real.close();
  }
}
