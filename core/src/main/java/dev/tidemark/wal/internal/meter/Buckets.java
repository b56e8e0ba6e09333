package dev.tidemark.wal.internal.meter;

import dev.tidemark.wal.Histogram;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/// The layout of the cells in which values are counted, and how a snapshot is made of them.
///
/// ```
/// cell      0   1   2  …  15 | 16 … 31  | 32 … 47  | …        | 959 | 960 | 961
/// values  0,1   2   3  …  16 | 17 … 32  | 33 … 64  | …  2^63  |     | sum | max
///           one value a cell |  step 1  |  step 2  | 16 steps a power of two
/// ```
///
/// A cell holds the values up to and including its upper bound, so powers of two are bounds.
final class Buckets {
  /// How many cells a recorder has.
  static final int CELLS = 962;

  static final int SUM = 960;
  static final int MAX = 961;
  static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int STEP_BITS = 4;
  private static final int STEPS = 1 << STEP_BITS;

  private Buckets() {}

  /// {@return the cell of a value; a negative one counts as 0: clocks may}
  static int cellOf(long value) {
    long zeroBased = Math.max(1, value) - 1;
    if (zeroBased < STEPS) {
      return (int) zeroBased;
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(zeroBased);
    int step = (int) (zeroBased >>> (exponent - STEP_BITS)) & (STEPS - 1);
    return (exponent - STEP_BITS + 1) * STEPS + step;
  }

  /// {@return the largest value of a cell}
  static long upperBound(int cell) {
    if (cell < STEPS) {
      return cell + 1L;
    }
    int shift = cell / STEPS - 1;
    long bound = (STEPS + cell % STEPS + 1L) << shift;
    return bound < 0 ? Long.MAX_VALUE : bound;
  }

  /// {@return what several recorders counted together, as of now}
  static Histogram snapshot(long[]... recorders) {
    List<Histogram.Bucket> buckets = new ArrayList<>();
    for (int cell = 0; cell < SUM; cell++) {
      long count = 0;
      for (long[] cells : recorders) {
        count += (long) CELL.getOpaque(cells, cell);
      }
      if (count > 0) {
        buckets.add(new Histogram.Bucket(upperBound(cell), count));
      }
    }
    long sum = 0;
    long max = 0;
    for (long[] cells : recorders) {
      sum += (long) CELL.getOpaque(cells, SUM);
      max = Math.max(max, (long) CELL.getOpaque(cells, MAX));
    }
    return new Histogram(sum, max, buckets);
  }
}
