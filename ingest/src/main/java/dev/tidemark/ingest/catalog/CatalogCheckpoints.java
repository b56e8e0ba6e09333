package dev.tidemark.ingest.catalog;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Takes checkpoints of the catalog, beside whoever adds columns: nothing waits for them. One that
/// cannot be taken leaves the log longer, and is tried again once that has another segment.
///
/// Safe for use by any number of threads.
final class CatalogCheckpoints {
  /// How far the log may grow behind a checkpoint before the next is taken, in bytes: 4 MiB, or the
  /// size of the checkpoint if that is more, so that no more is written twice than once.
  static final long BEHIND_BYTES = 4 << 20;

  private static final System.Logger LOGGER = System.getLogger(CatalogCheckpoints.class.getName());
  private static final long CLOSE_SECONDS = 10;

  private final Wal log;
  private final Measurements measurements;
  private final long behindBytes;
  private final Executor worker;

  // Whoever takes one holds it.
  private final Semaphore turn = new Semaphore(1);
  // The active segment when one was last tried; written by the holder of the turn.
  private volatile long triedAtSegment;
  private volatile boolean isClosed; // set once

  CatalogCheckpoints(Wal log, Measurements measurements, long behindBytes, Executor worker) {
    this.log = log;
    this.measurements = measurements;
    this.behindBytes = behindBytes;
    this.worker = worker;
  }

  /// Has the worker take one if the log has grown enough since the last.
  void takeIfDue() {
    takeIfDue(worker);
  }

  /// Takes one now if the log has grown enough since the last. For a start: a server that never
  /// runs for long must not let it grow either.
  void takeNowIfDue() {
    takeIfDue(Runnable::run);
  }

  private void takeIfDue(Executor by) {
    if (isClosed || !isDue() || !turn.tryAcquire()) {
      return;
    }
    boolean isTaken = false;
    try {
      by.execute(this::take);
      isTaken = true;
    } finally {
      if (!isTaken) {
        turn.release();
      }
    }
  }

  // Segments without a record behind the checkpoint go by themselves at the next start.
  private boolean isDue() {
    Optional<Checkpoint> newest = log.checkpoint();
    long from = newest.map(Checkpoint::lsn).orElse(0L);
    long least = Math.max(behindBytes, newest.map(Checkpoint::bytes).orElse(0L));
    long behind = 0;
    for (Segment segment : log.segments()) {
      if (segment.active()) {
        return behind >= least && segment.number() > triedAtSegment;
      }
      behind += segment.lastLsn() > from ? segment.bytes() : 0;
    }
    return false;
  }

  private void take() {
    try {
      if (!isClosed) {
        triedAtSegment = log.segments().getLast().number();
        long lsn = measurements.lastLsn();
        Checkpoint _ =
            log.checkpoint(
                lsn, target -> CatalogSnapshot.write(measurements, lsn, target, () -> isClosed));
      }
    } catch (IOException | RuntimeException e) {
      if (!isClosed) {
        LOGGER.log(
            System.Logger.Level.WARNING,
            "No checkpoint of the catalog could be taken, so its log stays longer; nothing is lost,"
                + " and it is tried again. Because: "
                + e.getMessage(),
            e);
      }
    } finally {
      turn.release();
    }
  }

  /// Takes no more, and waits for one that is being taken.
  ///
  /// @throws IOException if it does not end
  void close() throws IOException {
    isClosed = true;
    boolean isOver = false;
    try {
      isOver = turn.tryAcquire(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!isOver) {
      throw new IOException("a checkpoint of the catalog is still being written");
    }
    turn.release();
  }
}
