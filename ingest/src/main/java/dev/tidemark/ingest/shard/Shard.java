package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One shard at work.
///
/// ```
/// append ─► log ─► durable ─► Applier ─► Buffers ─► FlushWorkers ─► sink
///            ▲                                         │
///            └──────────── INTENT, DONE ◄──────────────┘
/// ```
///
/// Safe for use by any number of threads.
public final class Shard implements AutoCloseable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /// How often at most everything is flushed because the log is full: a flush makes a file.
  private static final long ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Wal wal;
  private final ShardOptions options;
  private final Buffers buffers;
  private final FlushWorkers workers;
  private final ScheduledThreadPoolExecutor clock;
  private final Applier applier;
  private final Replayed replayed;
  private final AtomicLong lastRoomNanos = new AtomicLong(System.nanoTime() - ROOM_NANOS);

  // Written by the clock's thread, and by close once that has ended.
  private volatile long lowWaterLsn;

  private Shard(
      Wal wal,
      ShardOptions options,
      Buffers buffers,
      FlushWorkers workers,
      ScheduledThreadPoolExecutor clock,
      RowAppender appender,
      RecordCursor cursor,
      Replay replay,
      Replayed replayed,
      String name) {
    this.wal = wal;
    this.options = options;
    this.buffers = buffers;
    this.workers = workers;
    this.clock = clock;
    this.replayed = replayed;
    this.applier = new Applier(buffers, appender, cursor, replay, name + "-applier");
  }

  /// Recovers a shard and starts it. On return its rows are back and every interrupted flush was
  /// tried; or, if memory is full and the sink takes nothing, the rest comes back as flushes make
  /// room.
  ///
  /// @param number which shard
  /// @param wal its log; stays the caller's to close, after the shard
  /// @param catalog the columns; stays the caller's
  /// @param sink where files go; stays the caller's
  /// @param logId names its files
  /// @param options how to work
  /// @param watch hears how replay gets on
  /// @return the shard, at work
  /// @throws dev.tidemark.ingest.record.UnreadableRecordException if the logs make no sense
  /// @throws IOException if the log cannot be read, or the thread is interrupted
  public static Shard open(
      int number,
      Wal wal,
      Catalog catalog,
      Sink sink,
      String logId,
      ShardOptions options,
      ReplayWatch watch)
      throws IOException {
    String name = "tidemark-shard-" + number;
    Buffers buffers =
        new Buffers(
            number,
            catalog,
            options.flushRows(),
            options.memory().rowLimitBytes(),
            System::nanoTime);
    options.memory().rows(() -> buffers.gauges().bufferedBytes());
    ScheduledThreadPoolExecutor clock = clock(name + "-clock");
    FlushWorkers workers =
        new FlushWorkers(
            buffers,
            wal,
            sink,
            logId,
            clock,
            new HourFiles(name + "-file", options.flushThreads()));
    RecordCursor cursor = new RecordCursor(wal, wal.firstLsn());
    boolean isOpen = false;
    try {
      workers.start(options.flushThreads(), name + "-flush");
      RowAppender appender = new RowAppender(buffers, catalog);
      Replay replay =
          new Replay(wal, catalog, buffers, number, options.memory().rowLimitBytes(), watch);
      Replayed rows = replay.run(appender, cursor);
      long pending = FlushWait.unbounded(buffers).redone();
      Replayed replayed =
          new Replayed(
              rows.records(),
              rows.rows(),
              rows.skippedRows(),
              workers.redoneFlushes(),
              workers.redoneRows(),
              pending);
      Shard shard =
          new Shard(
              wal, options, buffers, workers, clock, appender, cursor, replay, replayed, name);
      shard.start();
      isOpen = true;
      return shard;
    } catch (InterruptedException | TimeoutException e) {
      throw new IOException("the start was interrupted; nothing is lost, start again", e);
    } finally {
      if (!isOpen) {
        clock.shutdownNow();
        stopAfterFailure(workers);
        cursor.close();
      }
    }
  }

  private static void stopAfterFailure(FlushWorkers workers) {
    try {
      workers.stop(TimeUnit.SECONDS.toNanos(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ScheduledThreadPoolExecutor clock(String name) {
    // After shutdown, what a late failure still wants to try again is left to the next start.
    return new ScheduledThreadPoolExecutor(
        1,
        body -> Thread.ofPlatform().daemon().name(name).unstarted(body),
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private void start() {
    applier.start();
    long age = options.flushAge().toNanos();
    long tick = Math.clamp(age / 4, 1_000_000, TICK_NANOS);
    var _ = clock.scheduleWithFixedDelay(() -> tick(age), tick, tick, TimeUnit.NANOSECONDS);
  }

  private void tick(long ageNanos) {
    try {
      buffers.cutOlderThan(ageNanos);
      truncate();
    } catch (WalFailedException e) {
      buffers.fail(e);
    } catch (IOException | RuntimeException e) {
      // A segment that could not be removed is removed with the next one.
      System.getLogger(Shard.class.getName())
          .log(System.Logger.Level.WARNING, "the log could not be truncated", e);
    }
  }

  private void truncate() throws IOException {
    long lsn = buffers.lowWater();
    if (lsn > lowWaterLsn) {
      wal.truncateBefore(lsn);
      lowWaterLsn = lsn;
    }
  }

  /// Flushes everything, because a body found no space in the log, which can be truncated once its
  /// oldest rows are in files.
  public void makeRoomInLog() {
    long now = System.nanoTime();
    long last = lastRoomNanos.get();
    if (now - last >= ROOM_NANOS && lastRoomNanos.compareAndSet(last, now)) {
      buffers.cutOlderThan(0);
    }
  }

  /// Appends a record and waits for what the sync policy promises.
  ///
  /// @param envelope the record's bytes
  /// @throws IOException as [Wal#append(byte\[\])]
  public void append(byte[] envelope) throws IOException {
    wal.append(envelope);
  }

  /// Appends the pieces of a body, all or none, and waits for what the sync policy promises.
  ///
  /// @param envelopes the records
  /// @throws IOException as [Wal#append(byte\[\])]
  public void append(Batch envelopes) throws IOException {
    wal.append(envelopes);
  }

  /// Brings everything acknowledged before the call into files.
  ///
  /// @param timeoutNanos how long to wait at most
  /// @return how many rows were waited for
  /// @throws FlushFailedException if an attempt at one of them fails meanwhile
  /// @throws ShardFailedException if the shard has stopped
  /// @throws TimeoutException if the time is over
  /// @throws InterruptedException if the thread is interrupted
  /// @throws IOException if the log has failed
  public long flush(long timeoutNanos) throws IOException, InterruptedException, TimeoutException {
    long last = wal.lastLsn();
    if (last > 0) {
      wal.awaitDurable(last);
    }
    return new FlushWait(buffers, deadline(timeoutNanos)).flushed(last);
  }

  private static long deadline(long timeoutNanos) {
    return System.nanoTime() + Math.min(timeoutNanos, Long.MAX_VALUE / 2);
  }

  /// Flushes, and ends the threads. The log stays open.
  ///
  /// @param timeoutNanos how long to wait for flushes; what is left then stays in the log
  /// @return whether everything is in files and the log says so
  public boolean close(long timeoutNanos) {
    long deadline = deadline(timeoutNanos);
    boolean isComplete = false;
    try {
      flush(timeoutNanos);
      new FlushWait(buffers, deadline).marked();
      isComplete = true;
    } catch (IOException | IllegalStateException | TimeoutException e) {
      // What is not in a file is in the log, and the next start goes on from there.
      System.getLogger(Shard.class.getName())
          .log(System.Logger.Level.WARNING, "closing before everything is flushed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stop();
    if (isComplete) {
      tick(Long.MAX_VALUE);
    }
    return isComplete;
  }

  private boolean stop() {
    clock.shutdownNow();
    boolean isOver = false;
    try {
      isOver = clock.awaitTermination(1, TimeUnit.SECONDS);
      isOver &= workers.stop(TimeUnit.SECONDS.toNanos(2));
      isOver &= applier.stop(TimeUnit.SECONDS.toNanos(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Nobody is left who could finish what somebody may still wait for.
    buffers.fail(new IllegalStateException("closed"));
    return isOver;
  }

  /// Ends the threads without a flush.
  @Override
  public void close() {
    stop();
  }

  /// Ends the threads without a flush, as [#close()] does.
  ///
  /// @return whether all have ended; if not, a file may still be being written
  public boolean halt() {
    return stop();
  }

  /// Wakes whoever waits for a flush and takes nothing more.
  ///
  /// @param cause why
  public void fail(Throwable cause) {
    buffers.fail(cause);
  }

  /// {@return what the replay did}
  public Replayed replayed() {
    return replayed;
  }

  /// {@return why the shard has stopped, or null if it works}
  public @Nullable Throwable failure() {
    return buffers.failure;
  }

  /// {@return why a flush fails that is tried again and again, or null if none does}
  public @Nullable Throwable flushFailure() {
    return buffers.gauges().failing() == 0 ? null : new FlushWait(buffers, 0).firstFailure();
  }

  /// {@return counters and gauges of this moment}
  public ShardMetrics metrics() {
    return new ShardMetrics(
        wal.durableLsn(),
        buffers.appliedLsn(),
        lowWaterLsn,
        buffers.gauges().bufferedRows(),
        buffers.gauges().bufferedBytes(),
        buffers.gauges().openFlushes(),
        workers.flushedRows(),
        workers.flushedFiles(),
        workers.failures());
  }
}
