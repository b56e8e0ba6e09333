package dev.tidemark.sink;

/// The rows of one file, in LSN order, read cell by cell.
///
/// Columns are numbered from 0 in the order of the [Schema] that comes with the rows, rows from 0.
/// The rows must not change while a [Sink#write] runs, which reads them on the caller's thread, any
/// number of times. The same range of the log must give the same rows at every call: a file is
/// recognised by its name, not by its content.
///
/// A cell is read with the method of its column's type, and only if it is not null.
public interface RowSource {

  /// {@return how many rows there are}
  int rowCount();

  /// Reads the time of a row.
  ///
  /// @param row which row
  /// @return nanoseconds since 1970-01-01T00:00 UTC; negative before that
  long timeNanos(int row);

  /// Says whether a cell is missing.
  ///
  /// @param column which column
  /// @param row which row
  /// @return whether the row has no value in that column
  boolean isNull(int column, int row);

  /// Reads an [ColumnType#INT64] or [ColumnType#UINT64] cell.
  ///
  /// @param column which column
  /// @param row which row
  /// @return its 64 bits
  long longValue(int column, int row);

  /// Reads a [ColumnType#FLOAT64] cell.
  ///
  /// @param column which column
  /// @param row which row
  /// @return its value
  double doubleValue(int column, int row);

  /// Reads a [ColumnType#BOOLEAN] cell.
  ///
  /// @param column which column
  /// @param row which row
  /// @return its value
  boolean booleanValue(int column, int row);

  /// Reads a [ColumnType#TAG] or [ColumnType#STRING] cell, by handing its bytes to `target` exactly
  /// once before returning.
  ///
  /// @param column which column
  /// @param row which row
  /// @param target takes the bytes
  void text(int column, int row, Text target);

  /// Takes the text of one cell.
  @FunctionalInterface
  interface Text {

    /// Takes a run of bytes.
    ///
    /// The array stays the source's, which may use it again once this returns; it is only read.
    ///
    /// @param array holds the text, well-formed UTF-8 (the source has checked that)
    /// @param offset where it begins, in bytes
    /// @param length how long it is, in bytes; may be 0
    void utf8(byte[] array, int offset, int length);
  }
}
