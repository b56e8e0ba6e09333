package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.ShardRecord;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/// Recovery of one shard: two walks over its log.
///
/// ```
/// pass 1   INTENT and DONE ─► Marks ─► Buffers know what is in files and what was interrupted
/// pass 2   rows ─► Buffers: at or below a DONE skipped; of an interrupted flush to that flush only, which
///          runs again as soon as its last row is back; the rest as if it had just come
/// ```
///
/// A redo is a flush like any other, only that its range was chosen before the crash. While rows
/// come back, flushes run as in daily work, so that memory stays within its budget. Where they
/// fail, replay ends early and leaves the rest to the [Applier]: a sink that is dead keeps no
/// server from starting, however much the log holds.
final class Replay {
  private final Wal wal;
  private final Catalog catalog;
  private final Buffers buffers;
  private final int shard;
  private final long budgetBytes;
  private final ReplayWatch watch;

  // Owned by the thread that replays.
  private long records;
  private long bytes;

  // Written by the thread that replays, read by the applier, which starts later.
  private long lastLsn;
  private boolean isFinished;

  Replay(
      Wal wal, Catalog catalog, Buffers buffers, int shard, long budgetBytes, ReplayWatch watch) {
    this.wal = wal;
    this.catalog = catalog;
    this.buffers = buffers;
    this.shard = shard;
    this.budgetBytes = budgetBytes;
    this.watch = watch;
  }

  /// Replays.
  ///
  /// @param appender takes the rows
  /// @param cursor stands before the first record; stands on the last one when this returns
  /// @throws UnreadableRecordException if the log or the catalog makes no sense
  /// @throws IOException if the log cannot be read
  Replayed run(RowAppender appender, RecordCursor cursor) throws IOException, InterruptedException {
    long first = wal.firstLsn();
    long last = wal.durableLsn();
    lastLsn = last;
    long total = 2 * Math.max(0, last - first + 1);
    readMarks(first, last, total);
    buffers.startAt(first);
    boolean hasRoom = true;
    while (hasRoom && cursor.lsn() < last && cursor.next()) {
      apply(appender, cursor.record(), cursor.lsn());
      hasRoom = hasRoom();
      watch.at(++records, total, bytes + cursor.payloadBytes(), appender.appended());
    }
    if (hasRoom) {
      finish();
    } else {
      System.getLogger(Replay.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "Memory is full and files cannot be written: replay has come to LSN "
                  + cursor.lsn()
                  + " of "
                  + last
                  + " and goes on by itself as files are written");
    }
    return new Replayed(total / 2, appender.appended(), appender.skipped(), 0, 0, 0);
  }

  /// {@return the last LSN there was when replay began}
  long lastLsn() {
    return lastLsn;
  }

  /// Says that all rows up to [#lastLsn()] are back. Does nothing if that was said before.
  void finish() throws UnreadableRecordException {
    if (!isFinished) {
      isFinished = true;
      pass(lastLsn);
      buffers.cutRedos();
    }
  }

  private void readMarks(long first, long last, long total) throws IOException {
    Marks marks = new Marks(shard, catalog);
    try (RecordCursor cursor = new RecordCursor(wal, first)) {
      while (cursor.lsn() < last && cursor.next()) {
        ShardRecord record = cursor.record();
        try {
          marks.read(record);
        } catch (UnreadableRecordException e) {
          throw new UnreadableRecordException(
              "shard log, LSN " + cursor.lsn() + ": " + e.getMessage(), e);
        }
        watch.at(++records, total, cursor.payloadBytes(), 0);
      }
      bytes = cursor.payloadBytes();
    }
    marks.applyTo(buffers);
  }

  private void apply(RowAppender appender, ShardRecord record, long lsn) throws IOException {
    buffers.lock.lock();
    try {
      if (record instanceof Envelope envelope) {
        appender.append(envelope, lsn);
      }
      buffers.applied(lsn);
    } finally {
      buffers.lock.unlock();
    }
  }

  // The log may end in LSNs that are no records, because it cut a tail that nothing vouches for. A
  // flush that waits for the last LSN must not wait for those.
  private void pass(long last) {
    buffers.lock.lock();
    try {
      if (buffers.appliedLsn() < last) {
        buffers.applied(last);
      }
    } finally {
      buffers.lock.unlock();
    }
  }

  private boolean hasRoom() throws IOException, InterruptedException {
    if (buffers.gauges().bufferedBytes() <= budgetBytes) {
      return true;
    }
    try {
      FlushWait.unbounded(buffers).room(budgetBytes);
      return true;
    } catch (FlushFailedException e) {
      return false;
    } catch (TimeoutException e) {
      throw new AssertionError("there is no deadline", e);
    }
  }
}
