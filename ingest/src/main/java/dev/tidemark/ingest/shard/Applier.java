package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.ShardRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one thread of a shard that fills [Buffers]: it follows the log up to the durable LSN, in
/// order. So what is in memory is what a crash would leave in the log, and a row that was never
/// durable reaches no file.
///
/// It waits while memory is full. The log goes on without it: what is acknowledged meanwhile is
/// applied once flushes have made room.
final class Applier {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final Buffers buffers;
  private final RowAppender appender;
  private final RecordCursor cursor;
  private final Thread thread;

  /// What recovery had no room for; owned by the thread, null once that is done.
  private @Nullable Replay replay;

  // Written by stop, read by the thread.
  private volatile boolean isStopped;

  /// Starts the thread behind the record the cursor is on.
  Applier(Buffers buffers, RowAppender appender, RecordCursor cursor, Replay replay, String name) {
    this.buffers = buffers;
    this.appender = appender;
    this.cursor = cursor;
    this.replay = replay;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::follow);
  }

  void start() {
    thread.start();
  }

  private void follow() {
    try (cursor) {
      while (!isStopped) {
        boolean isOnRecord = cursor.next(POLL);
        if (isOnRecord) {
          buffers.awaitRoom(() -> isStopped);
          apply();
        }
        Replay rest = replay;
        if (rest != null && (!isOnRecord || cursor.lsn() >= rest.lastLsn())) {
          replay = null;
          rest.finish();
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
    buffers.lock.lock();
    try {
      if (record instanceof Envelope envelope) {
        appender.append(envelope, cursor.lsn());
      }
      buffers.applied(cursor.lsn());
    } finally {
      buffers.lock.unlock();
    }
  }

  /// Ends the thread.
  ///
  /// @param waitNanos how long to wait for it
  /// @return whether it has ended
  boolean stop(long waitNanos) throws InterruptedException {
    isStopped = true;
    thread.interrupt();
    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
    return !thread.isAlive();
  }
}
