package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.HourRows;
import dev.tidemark.ingest.catalog.CatalogColumn;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.record.Done;
import dev.tidemark.ingest.record.Intent;
import dev.tidemark.ingest.record.RecordWriter;
import dev.tidemark.sink.FileIdentity;
import dev.tidemark.sink.Schema;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// The threads that write files, the same few however many measurements there are.
///
/// ```
/// INTENT durable ─► one file per hour, each visible and durable ─► DONE on its way ─► rows leave memory
/// ```
///
/// What fails is tried again from the step that failed, later and later, for ever: the rows are the
/// log's. A failed log ends it.
final class FlushWorkers {
  private static final System.Logger LOG = System.getLogger(FlushWorkers.class.getName());
  private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  // After so many files what was written counts as written: a retry begins behind it.
  private static final int FILES_BETWEEN_LOOKS = 32;

  private static final long LAST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final AtomicLong toldNanos = new AtomicLong(System.nanoTime() - TELL_NANOS);
  private final Buffers buffers;
  private final Wal wal;
  private final Sink sink;
  private final String logId;
  private final ScheduledExecutorService clock;
  private final HourFiles files;
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder flushedRows = new LongAdder();
  private final LongAdder flushedFiles = new LongAdder();
  private final LongAdder redoneRows = new LongAdder();
  private final LongAdder redoneFlushes = new LongAdder();
  private final LongAdder failures = new LongAdder();

  // Written by stop, read by the workers.
  private volatile boolean isStopped;

  FlushWorkers(
      Buffers buffers,
      Wal wal,
      Sink sink,
      String logId,
      ScheduledExecutorService clock,
      HourFiles files) {
    this.files = files;
    this.buffers = buffers;
    this.wal = wal;
    this.sink = sink;
    this.logId = logId;
    this.clock = clock;
  }

  void start(int count, String name) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().daemon().name(name + "-" + i).start(this::work));
    }
  }

  private void work() {
    while (!isStopped) {
      try {
        run(buffers.ready.take());
      } catch (InterruptedException e) {
        // Only stop interrupts; the loop looks.
      }
    }
  }

  private void run(Flush flush) {
    try {
      log(flush);
      write(flush);
      mark(flush);
    } catch (InterruptedException e) {
      // Only stop interrupts; the rows are the log's.
    } catch (WalFailedException e) {
      buffers.fail(e);
    } catch (IOException | RuntimeException e) {
      if (!isStopped) {
        tryLater(flush, e);
      }
    } catch (Error e) {
      buffers.fail(e);
    }
  }

  private void log(Flush flush) throws IOException {
    if (!flush.intentDurable) {
      // Where the log is full, so that it can be truncated.
      wal.awaitDurable(wal.appendControl(RecordWriter.bytes(flush.intent)));
      flush.intentDurable = true;
    }
  }

  private void write(Flush flush) throws IOException, InterruptedException {
    Intent intent = flush.intent;
    List<CatalogColumn> columns = flush.owner.measurement.columnsAsOf(intent.catalogLsn());
    Schema schema = Measurement.schema(columns);
    List<HourRows> hours = HourRows.split(flush.rows, columns);
    while (flush.hoursDone < hours.size()) {
      int end = Math.min(flush.hoursDone + FILES_BETWEEN_LOOKS, hours.size());
      List<Callable<?>> writes = new ArrayList<>();
      for (HourRows hour : hours.subList(flush.hoursDone, end)) {
        writes.add(() -> sink.write(identity(intent, hour), schema, hour));
      }
      files.write(writes);
      flushedFiles.add(writes.size());
      flush.hoursDone = end;
    }
  }

  private FileIdentity identity(Intent intent, HourRows hour) {
    return new FileIdentity(
        logId,
        intent.shard(),
        intent.database(),
        intent.measurement(),
        intent.from(),
        intent.to(),
        hour.hourEpoch());
  }

  private void mark(Flush flush) throws IOException {
    Intent intent = flush.intent;
    int rows = flush.rows.rows();
    Done done =
        new Done(
            intent.shard(),
            intent.database(),
            intent.measurement(),
            intent.to(),
            flush.hoursDone,
            rows);
    CompletableFuture<Long> durable = append(RecordWriter.bytes(done));
    flushedRows.add(rows);
    if (flush.isRedo) {
      redoneFlushes.increment();
      redoneRows.add(rows);
    }
    buffers.finished(flush);
    var _ =
        durable.whenComplete(
            (lsn, failure) -> {
              if (failure == null) {
                marked(flush, lsn);
              } else {
                buffers.fail(failure);
              }
            });
  }

  // Nobody waits for a DONE, unless the log is full.
  private CompletableFuture<Long> append(byte[] done) throws IOException {
    try {
      return wal.appendAsync(MemorySegment.ofArray(done));
    } catch (WalFullException full) {
      return CompletableFuture.completedFuture(wal.appendControl(done));
    }
  }

  // Under an asynchronous policy the future completes before the record is durable; then the clock
  // finds out.
  private void marked(Flush flush, long lsn) {
    if (wal.durableLsn() >= lsn) {
      buffers.durable(flush);
    } else {
      var _ = clock.schedule(() -> marked(flush, lsn), 10, TimeUnit.MILLISECONDS);
    }
  }

  // Once a minute at most: each of many measurements may fail, again and again.
  private void tell(Throwable cause) {
    long now = System.nanoTime();
    long told = toldNanos.get();
    if (now - told >= TELL_NANOS && toldNanos.compareAndSet(told, now)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Files cannot be written; it is tried again. Rows stay in memory and in the log, and"
              + " writes are refused once either is full: look at the folder of files and its disk."
              + " Because: "
              + cause);
    }
  }

  private void tryLater(Flush flush, Throwable cause) {
    failures.increment();
    tell(cause);
    int failed = buffers.failed(flush, cause);
    long delay = FIRST_RETRY_NANOS << Math.min(failed - 1, 20);
    var _ =
        clock.schedule(
            () -> buffers.retry(flush), Math.min(delay, LAST_RETRY_NANOS), TimeUnit.NANOSECONDS);
  }

  /// Ends the threads; what they have not done is done after the next start.
  ///
  /// @param waitNanos how long to wait for a write that runs
  /// @return whether none runs any more
  boolean stop(long waitNanos) throws InterruptedException {
    isStopped = true;
    long deadline = System.nanoTime() + waitNanos;
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Thread thread : threads) {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
    }
    boolean isOver = files.stop(Math.max(1, deadline - System.nanoTime()));
    return isOver && threads.stream().noneMatch(Thread::isAlive);
  }

  long flushedRows() {
    return flushedRows.sum();
  }

  long flushedFiles() {
    return flushedFiles.sum();
  }

  long redoneRows() {
    return redoneRows.sum();
  }

  long redoneFlushes() {
    return redoneFlushes.sum();
  }

  long failures() {
    return failures.sum();
  }
}
