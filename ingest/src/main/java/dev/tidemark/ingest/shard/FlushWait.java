package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.RowBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Waits for what becomes of [Buffers]. One per call, for one thread.
final class FlushWait {
  private final Buffers buffers;
  private final long deadlineNanos;
  private final Map<Flush, Integer> failuresBefore = new HashMap<>();

  /// @param deadlineNanos when to give up, by [System#nanoTime()]
  FlushWait(Buffers buffers, long deadlineNanos) {
    this.buffers = buffers;
    this.deadlineNanos = deadlineNanos;
  }

  /// {@return a wait that gives up only when the shard does}
  ///
  /// @param buffers what to wait for
  static FlushWait unbounded(Buffers buffers) {
    return new FlushWait(buffers, System.nanoTime() + Long.MAX_VALUE / 2);
  }

  /// Waits until everything up to an LSN is in files, cutting what is in the way.
  ///
  /// @return how many rows were waited for
  /// @throws FlushFailedException if an attempt at one of them fails meanwhile; the others are in
  ///   files all the same
  /// @throws ShardFailedException if the shard has failed
  /// @throws TimeoutException if the time is over
  long flushed(long lsn)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    buffers.lock.lockInterruptibly();
    try {
      awaitApplied(lsn);
      Set<MeasurementRows> behind = behind(lsn);
      for (MeasurementRows rows : behind) {
        buffers.cutIfPossible(rows);
        Flush open = rows.open;
        if (open != null) {
          failuresBefore.put(open, open.failures);
          buffers.retry(open);
        }
      }
      return flushed(behind, lsn);
    } finally {
      buffers.lock.unlock();
    }
  }

  // What is not applied yet may wait for a flush to make room, and that may fail.
  private void awaitApplied(long lsn)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    Map<Flush, Integer> before = new HashMap<>();
    for (Flush flush : buffers.pinned) {
      before.put(flush, flush.failures);
    }
    boolean hasRetried = false;
    while (buffers.appliedLsn() < lsn) {
      if (buffers.isFull()) {
        if (!hasRetried) {
          hasRetried = true;
          List.copyOf(buffers.pinned).forEach(buffers::retry);
        }
        for (Flush flush : buffers.pinned) {
          Throwable cause = flush.lastFailure;
          if (flush.owner.open == flush
              && cause != null
              && flush.failures > before.getOrDefault(flush, 0)) {
            throw new FlushFailedException(
                "memory is full, and "
                    + flush
                    + " could not be written; it is tried again: "
                    + cause.getMessage(),
                cause);
          }
        }
      }
      await();
    }
  }

  // One that fails does not keep the others from being cut and waited for.
  private long flushed(Set<MeasurementRows> behind, long lsn)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    FlushFailedException failed = null;
    long flushed = 0;
    // All are under way; some may end while others are waited for, so these are counted first.
    for (Flush open : List.copyOf(failuresBefore.keySet())) {
      try {
        flushed += finished(open);
      } catch (FlushFailedException e) {
        failed = failed == null ? e : failed;
      }
    }
    for (MeasurementRows rows : behind) {
      try {
        flushed += flushed(rows, lsn);
      } catch (FlushFailedException e) {
        failed = failed == null ? e : failed;
      }
    }
    if (failed != null) {
      throw failed;
    }
    return flushed;
  }

  private Set<MeasurementRows> behind(long lsn) {
    Set<MeasurementRows> behind = new LinkedHashSet<>();
    for (Flush flush : buffers.pinned) {
      if (flush.owner.open == flush && flush.rows.firstLsn() <= lsn) {
        behind.add(flush.owner);
      }
    }
    for (MeasurementRows rows : buffers.dirty) {
      if (firstFilling(rows) <= lsn) {
        behind.add(rows);
      }
    }
    return behind;
  }

  private static long firstFilling(MeasurementRows rows) {
    RowBuffer filling = rows.filling;
    return filling == null ? Long.MAX_VALUE : filling.firstLsn();
  }

  private long flushed(MeasurementRows rows, long lsn)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    long flushed = 0;
    while (true) {
      Flush open = rows.open;
      if (open != null && open.rows.firstLsn() <= lsn) {
        flushed += finished(open);
      } else if (firstFilling(rows) > lsn) {
        return flushed;
      } else if (!buffers.cutIfPossible(rows)) {
        await();
      }
    }
  }

  private long finished(Flush open)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    int before = failuresBefore.getOrDefault(open, 0);
    while (open.owner.open == open) {
      Throwable cause = open.lastFailure;
      if (open.failures > before && cause != null) {
        throw new FlushFailedException(
            open + " could not be written; it is tried again: " + cause.getMessage(), cause);
      }
      await();
    }
    return open.rows.rows();
  }

  /// Waits until no DONE is on its way any more.
  void marked() throws ShardFailedException, InterruptedException, TimeoutException {
    buffers.lock.lockInterruptibly();
    try {
      while (buffers.pinned.stream().anyMatch(flush -> flush.owner.open != flush)) {
        await();
      }
    } finally {
      buffers.lock.unlock();
    }
  }

  /// Waits until each of the flushes that a crash interrupted was tried once.
  ///
  /// @return how many of them failed
  long redone() throws ShardFailedException, InterruptedException, TimeoutException {
    buffers.lock.lockInterruptibly();
    try {
      while (buffers.pinned.stream().anyMatch(f -> isOpenRedo(f) && f.failures == 0)) {
        await();
      }
      return buffers.pinned.stream().filter(FlushWait::isOpenRedo).count();
    } finally {
      buffers.lock.unlock();
    }
  }

  private static boolean isOpenRedo(Flush flush) {
    return flush.isRedo && flush.owner.open == flush;
  }

  /// Waits until the rows in memory are within a budget again, cutting what can be cut; or until
  /// nothing more can be done about it.
  ///
  /// @throws FlushFailedException if the sink does not take what is in the way
  void room(long budgetBytes)
      throws FlushFailedException, ShardFailedException, InterruptedException, TimeoutException {
    buffers.lock.lockInterruptibly();
    try {
      while (buffers.gauges().bufferedBytes() > budgetBytes) {
        buffers.cutLargest();
        Flush failed = firstFailed();
        if (failed != null && failed.lastFailure != null) {
          throw new FlushFailedException(
              "memory is full and " + failed + " could not be written", failed.lastFailure);
        }
        if (buffers.gauges().openFlushes() == 0) {
          return;
        }
        await();
      }
    } finally {
      buffers.lock.unlock();
    }
  }

  /// {@return what the oldest flush that fails died of, or null if none does; without waiting}
  @Nullable Throwable firstFailure() {
    buffers.lock.lock();
    try {
      Flush failed = firstFailed();
      return failed == null ? null : failed.lastFailure;
    } finally {
      buffers.lock.unlock();
    }
  }

  private @Nullable Flush firstFailed() {
    for (Flush flush : buffers.pinned) {
      if (flush.failures > 0 && flush.owner.open == flush) {
        return flush;
      }
    }
    return null;
  }

  @SuppressWarnings("WaitNotInLoop") // every caller loops
  private void await() throws ShardFailedException, InterruptedException, TimeoutException {
    Throwable failure = buffers.failure;
    if (failure != null) {
      throw new ShardFailedException("the shard has stopped: " + failure.getMessage(), failure);
    }
    long left = deadlineNanos - System.nanoTime();
    if (left <= 0) {
      throw new TimeoutException("the time for flushes is over");
    }
    var _ = buffers.progress.await(left, TimeUnit.NANOSECONDS);
  }
}
