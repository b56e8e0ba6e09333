package dev.tidemark.ingest.buffer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The cells of one column that are not null, in the order of the rows.
///
/// As long as every row has one, a cell's index is its row. From the first gap on, the row of each
/// cell is written down. So memory grows with the cells there are, never with rows times columns.
abstract sealed class Cells permits WordCells, TagCells, TextCells {
  static final int FIRST_CAPACITY = 16;

  // Written by the thread that fills the buffer; read by others once it is full.
  private int count;
  private int @Nullable [] rows;

  final int count() {
    return count;
  }

  /// Counts a cell of `row`, the largest row so far, and returns its index.
  final int next(int row) {
    if (rows == null && row != count) {
      int[] all = new int[Math.max(FIRST_CAPACITY, count * 2)];
      Arrays.setAll(all, i -> i);
      rows = all;
    }
    if (rows != null) {
      if (count == rows.length) {
        rows = Arrays.copyOf(rows, count * 2);
      }
      rows[count] = row;
    }
    return count++;
  }

  /// Finds the cell of a row.
  ///
  /// @param row which row
  /// @param hint an index near which it probably is, at least 0
  /// @return the cell's index, or, if there is none, minus 1 minus the index it would have
  final int find(int row, int hint) {
    if (rows == null) {
      return row < count ? row : -1 - count;
    }
    int i = Math.min(hint, count - 1);
    if (rows[i] == row) {
      return i;
    }
    if (rows[i] < row) {
      int next = i + 1;
      if (next == count || rows[next] > row) {
        return -1 - next;
      }
      if (rows[next] == row) {
        return next;
      }
    }
    return Arrays.binarySearch(rows, 0, count, row);
  }

  /// {@return what the arrays take, in bytes}
  long bytes() {
    return rows == null ? 0 : 4L * rows.length;
  }
}
