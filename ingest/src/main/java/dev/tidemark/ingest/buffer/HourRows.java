package dev.tidemark.ingest.buffer;

import dev.tidemark.ingest.catalog.CatalogColumn;
import dev.tidemark.sink.FileIdentity;
import dev.tidemark.sink.RowSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The rows of a buffer that lie in one hour, in the order of the log. For one thread.
public final class HourRows implements RowSource {
  private final RowBuffer buffer;
  private final long hourEpoch;
  private final int[] rows;
  private final @Nullable Cells[] columns;

  // Where the last cell of each column was found. Owned by the thread that reads.
  private final int[] hints;

  private HourRows(RowBuffer buffer, List<CatalogColumn> inFile, long hourEpoch, int[] rows) {
    this.buffer = buffer;
    this.hourEpoch = hourEpoch;
    this.rows = rows;
    this.columns = new @Nullable Cells[inFile.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = buffer.column(inFile.get(i).index());
    }
    this.hints = new int[columns.length];
  }

  /// Splits a buffer by the hours its rows lie in.
  ///
  /// @param buffer the rows; must not change any more
  /// @param columns the columns of the files, in their order
  /// @return one for each hour that has rows, in the order of the hours
  public static List<HourRows> split(RowBuffer buffer, List<CatalogColumn> columns) {
    Map<Long, Rows> hours = new TreeMap<>();
    long hour = 0;
    Rows last = null;
    for (int row = 0; row < buffer.rows(); row++) {
      long of = FileIdentity.hourOf(buffer.time(row));
      if (last == null || of != hour) {
        hour = of;
        last = hours.computeIfAbsent(of, key -> new Rows());
      }
      last.add(row);
    }
    List<HourRows> split = new ArrayList<>(hours.size());
    hours.forEach((of, list) -> split.add(new HourRows(buffer, columns, of, list.toArray())));
    return split;
  }

  private static final class Rows {
    private int[] rows = new int[16];
    private int count;

    void add(int row) {
      if (count == rows.length) {
        rows = Arrays.copyOf(rows, count * 2);
      }
      rows[count++] = row;
    }

    int[] toArray() {
      return Arrays.copyOf(rows, count);
    }
  }

  /// {@return the hour, whole hours since 1970-01-01T00:00 UTC}
  public long hourEpoch() {
    return hourEpoch;
  }

  @Override
  public int rowCount() {
    return rows.length;
  }

  @Override
  public long timeNanos(int row) {
    return buffer.time(rows[row]);
  }

  @Override
  public boolean isNull(int column, int row) {
    Cells cells = columns[column];
    return cells == null || index(cells, column, row) < 0;
  }

  @Override
  public long longValue(int column, int row) {
    return bits(column, row);
  }

  @Override
  public double doubleValue(int column, int row) {
    return Double.longBitsToDouble(bits(column, row));
  }

  @Override
  public boolean booleanValue(int column, int row) {
    return bits(column, row) != 0;
  }

  private long bits(int column, int row) {
    WordCells cells = (WordCells) present(column);
    return cells.bits(index(cells, column, row));
  }

  @Override
  public void text(int column, int row, Text target) {
    Cells cells = present(column);
    int index = index(cells, column, row);
    if (cells instanceof TagCells tags) {
      tags.read(index, target);
    } else {
      ((TextCells) cells).read(index, target);
    }
  }

  private Cells present(int column) {
    Cells cells = columns[column];
    if (cells == null) {
      throw new IllegalStateException("column " + column + " has no cells");
    }
    return cells;
  }

  private int index(Cells cells, int column, int row) {
    int index = cells.find(rows[row], hints[column]);
    hints[column] = index >= 0 ? index : Math.max(0, -2 - index);
    return index;
  }
}
