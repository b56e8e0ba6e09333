package dev.tidemark.ingest.buffer;

import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.CatalogColumn;
import dev.tidemark.ingest.catalog.ColumnGuess;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.lineprotocol.Point;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Rows of one measurement, in the order of the log.
///
/// One thread adds rows. Once it has handed the buffer on, with a barrier, and adds no more, any
/// number of threads may read.
public final class RowBuffer {
  private static final int OBJECT_BYTES = 256;

  private final Measurement measurement;
  private final long firstLsn;

  // Written by the thread that adds rows; see above. Columns by their index in the catalog.
  private long[] times = new long[Cells.FIRST_CAPACITY];
  private @Nullable Cells[] columns = new @Nullable Cells[0];
  private int rows;
  private int cells;
  private long bytes = OBJECT_BYTES + 8L * Cells.FIRST_CAPACITY;

  /// Creates an empty buffer.
  ///
  /// @param measurement whose rows
  /// @param firstLsn the LSN of the record that holds the first one
  public RowBuffer(Measurement measurement, long firstLsn) {
    this.measurement = measurement;
    this.firstLsn = firstLsn;
  }

  /// {@return whose rows}
  public Measurement measurement() {
    return measurement;
  }

  /// {@return the LSN of the record that holds the first row}
  public long firstLsn() {
    return firstLsn;
  }

  /// {@return how many rows}
  public int rows() {
    return rows;
  }

  /// {@return how many cells that are not null, the times not counted}
  public int cells() {
    return cells;
  }

  /// {@return what the rows take in memory, in bytes}
  public long bytes() {
    return bytes;
  }

  /// Adds a row. A point that does not fit the catalog is refused, and nothing of it is kept.
  ///
  /// @param point the row; lent
  /// @param guess of the calling thread
  public void add(Point point, ColumnGuess guess) {
    if (!fits(point, guess)) {
      return;
    }
    if (rows == times.length) {
      times = Arrays.copyOf(times, rows * 2);
      bytes += 4L * times.length;
    }
    times[rows] = point.timeNanos();
    int tags = point.tagCount();
    for (int i = 0; i < tags; i++) {
      CatalogColumn column = known(guess.find(measurement, point.tagKey(i), i));
      addText(column, point.tagValue(i));
    }
    for (int i = 0; i < point.fieldCount(); i++) {
      CatalogColumn column = known(guess.find(measurement, point.fieldKey(i), tags + i));
      addField(column, point, i);
    }
    cells += tags + point.fieldCount();
    rows++;
  }

  private boolean fits(Point point, ColumnGuess guess) {
    int tags = point.tagCount();
    for (int i = 0; i < tags; i++) {
      CatalogColumn column = guess.find(measurement, point.tagKey(i), i);
      if (column == null || column.type() != ColumnType.TAG) {
        point.refuseTag(i, "the catalog has no tag " + point.tagKey(i) + " of " + measurement);
        return false;
      }
    }
    for (int i = 0; i < point.fieldCount(); i++) {
      CatalogColumn column = guess.find(measurement, point.fieldKey(i), tags + i);
      if (column == null || column.type() != Catalog.columnType(point.fieldType(i))) {
        point.refuseField(
            i, "the catalog has no such field " + point.fieldKey(i) + " of " + measurement);
        return false;
      }
    }
    return true;
  }

  private static CatalogColumn known(@Nullable CatalogColumn column) {
    if (column == null) {
      throw new AssertionError("a column went away");
    }
    return column;
  }

  private void addField(CatalogColumn column, Point point, int field) {
    switch (column.type()) {
      case FLOAT64 -> addBits(column, Double.doubleToRawLongBits(point.floatValue(field)));
      case INT64 -> addBits(column, point.integerValue(field));
      case UINT64 -> addBits(column, point.unsignedValue(field));
      case BOOLEAN -> addBits(column, point.booleanValue(field) ? 1 : 0);
      case STRING -> addText(column, point.stringValue(field));
      case TAG -> throw new AssertionError("a field became a tag");
    }
  }

  private void addBits(CatalogColumn column, long bits) {
    WordCells target = (WordCells) cells(column);
    long before = target.bytes();
    target.add(rows, bits);
    bytes += target.bytes() - before;
  }

  private void addText(CatalogColumn column, Slice text) {
    Cells target = cells(column);
    long before = target.bytes();
    if (target instanceof TagCells tags) {
      tags.add(rows, text);
    } else {
      ((TextCells) target).add(rows, text);
    }
    bytes += target.bytes() - before;
  }

  private Cells cells(CatalogColumn column) {
    int index = column.index();
    if (index >= columns.length) {
      int length = Math.max(index + 1, columns.length * 2);
      bytes += 8L * (length - columns.length);
      columns = Arrays.copyOf(columns, length);
    }
    Cells there = columns[index];
    if (there == null) {
      there =
          switch (column.type()) {
            case TAG -> new TagCells();
            case STRING -> new TextCells();
            case FLOAT64, INT64, UINT64, BOOLEAN -> new WordCells();
          };
      columns[index] = there;
      bytes += OBJECT_BYTES + there.bytes();
    }
    return there;
  }

  long time(int row) {
    return times[row];
  }

  /// {@return the cells of a column, or null if no row has one}
  @Nullable Cells column(int catalogIndex) {
    return catalogIndex < columns.length ? columns[catalogIndex] : null;
  }
}
