package dev.tidemark.wal.internal.meter;

import static dev.tidemark.wal.internal.meter.Buckets.CELL;

import dev.tidemark.wal.Histogram;

/// Counts values for a [Histogram], by one thread at a time: each sees what the one before it did,
/// because a lock or the lease was handed over. Read by any thread, which may see values late.
public final class Recorder {
  private final long[] cells = new long[Buckets.CELLS]; // element access by CELL

  /// Counts a value.
  ///
  /// @param value at least 0
  public void record(long value) {
    add(Buckets.cellOf(value), 1);
    add(Buckets.SUM, value);
    if (value > cells[Buckets.MAX]) {
      CELL.setOpaque(cells, Buckets.MAX, value);
    }
  }

  private void add(int cell, long by) {
    CELL.setOpaque(cells, cell, cells[cell] + by);
  }

  /// {@return what was counted, as of now}
  public Histogram snapshot() {
    return Buckets.snapshot(cells);
  }
}
