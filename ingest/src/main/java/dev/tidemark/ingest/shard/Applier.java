package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.ShardRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The one thread of a shard that fills [Buffers]: it follows the log up to the durable LSN, in
/// order. So what is in memory is what a crash would leave in the log, and a row that was never
/// durable reaches no file.
final class Applier {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final Buffers buffers;
  private final RowAppender appender;
  private final RecordCursor cursor;
  private final AtomicLong admittedBytes;
  private final Thread thread;

  // Written by stop, read by the thread.
  private volatile boolean isStopped;

  /// Starts the thread behind the record the cursor is on.
  Applier(
      Buffers buffers,
      RowAppender appender,
      RecordCursor cursor,
      AtomicLong admittedBytes,
      String name) {
    this.buffers = buffers;
    this.appender = appender;
    this.cursor = cursor;
    this.admittedBytes = admittedBytes;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::follow);
  }

  void start() {
    thread.start();
  }

  private void follow() {
    try (cursor) {
      while (!isStopped) {
        if (cursor.next(POLL)) {
          apply();
        }
      }
    } catch (InterruptedException e) {
      // Only stop interrupts.
    } catch (Throwable e) {
      // Whatever it is: rows after it must not be applied before it, so nothing is any more.
      if (!isStopped) {
        buffers.fail(e);
      }
    }
  }

  private void apply() throws IOException {
    ShardRecord record = cursor.record();
    long size = 0;
    buffers.lock.lock();
    try {
      if (record instanceof Envelope envelope) {
        size = appender.append(envelope, cursor.lsn());
      }
      buffers.applied(cursor.lsn());
    } finally {
      buffers.lock.unlock();
    }
    admittedBytes.addAndGet(-size);
  }

  /// Ends the thread.
  ///
  /// @param waitNanos how long to wait for it
  void stop(long waitNanos) throws InterruptedException {
    isStopped = true;
    thread.interrupt();
    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
  }
}
