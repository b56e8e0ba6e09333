package dev.tidemark.wal.internal.meter;

import static dev.tidemark.wal.internal.meter.Buckets.CELL;

import dev.tidemark.wal.Histogram;

/// Counts values for a [Histogram], by any number of threads at once. They are spread over a few
/// stripes by their thread ids, so that they seldom meet at a cell.
public final class SharedRecorder {
  private static final int MAX_STRIPES = 8;

  private final long[][] stripes; // element access by CELL

  /// One without a value.
  public SharedRecorder() {
    int processors = Math.min(MAX_STRIPES, Runtime.getRuntime().availableProcessors());
    int count = Math.max(1, Integer.highestOneBit(2 * processors - 1));
    stripes = new long[count][Buckets.CELLS];
  }

  /// Counts a value.
  ///
  /// @param value at least 0
  public void record(long value) {
    long[] cells = stripes[(int) Thread.currentThread().threadId() & (stripes.length - 1)];
    long _ = (long) CELL.getAndAdd(cells, Buckets.cellOf(value), 1L);
    long _ = (long) CELL.getAndAdd(cells, Buckets.SUM, value);
    long max = (long) CELL.getOpaque(cells, Buckets.MAX);
    while (value > max && !CELL.weakCompareAndSet(cells, Buckets.MAX, max, value)) {
      max = (long) CELL.getOpaque(cells, Buckets.MAX);
    }
  }

  /// {@return what was counted, as of now}
  public Histogram snapshot() {
    return Buckets.snapshot(stripes);
  }
}
