package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Delivers the records of a log that others write, as [FollowWalk] finds them, and waits by
/// looking again and again.
final class FollowCursor implements Cursor {
  private static final long FIRST_PAUSE_NANOS = 100_000;

  private final LogReader reader;
  private final FollowWalk walk; // owned by the cursor's thread
  private volatile boolean closed; // set once

  // Owned by the cursor's thread.
  private boolean onRecord;
  private @Nullable IOException end; // what every later call answers

  FollowCursor(LogReader reader, FollowWalk walk) {
    this.reader = reader;
    this.walk = walk;
  }

  @Override
  public boolean next() throws IOException {
    onRecord = false;
    checkOpen();
    try {
      onRecord = findRecord();
      return onRecord;
    } catch (CorruptWalException | LsnGoneException e) {
      end = e;
      walk.closeFile();
      throw e;
    } catch (IOException e) {
      walk.closeFile(); // an interrupt may have closed it
      throw e;
    }
  }

  private boolean findRecord() throws IOException {
    FrameRecords records = walk.records();
    while (records.hasNext() || walk.next()) {
      boolean isVoid = !records.next();
      if (records.lsn() >= walk.nextLsn()) {
        walk.delivered(records.lsn());
        if (!isVoid) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public boolean next(Duration timeout) throws IOException, InterruptedException {
    long deadline = reader.host().nanoTime() + Threads.nanos(timeout);
    long longest = reader.options().longestPause().toNanos();
    for (long pause = FIRST_PAUSE_NANOS; ; pause = Math.min(2 * pause, longest)) {
      if (next()) {
        return true;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long left = deadline - reader.host().nanoTime();
      if (left <= 0) {
        return false;
      }
      reader.host().park(this, Math.min(Math.min(pause, longest), left));
    }
  }

  @Override
  public long lsn() {
    checkOnRecord();
    return walk.records().lsn();
  }

  @Override
  public boolean isProven() {
    return lsn() <= walk.promisedLsn();
  }

  @Override
  public MemorySegment payload() {
    checkOnRecord();
    return walk.records().bytes();
  }

  private void checkOnRecord() {
    if (!onRecord) {
      throw new IllegalStateException("the cursor is not on a record; call next first");
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IllegalStateException("the cursor is closed");
    }
    if (reader.isClosed()) {
      walk.closeFile();
      throw new IllegalStateException("the reader is closed");
    }
    if (end != null) {
      throw end;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      onRecord = false;
      walk.closeFile();
    }
  }
}
