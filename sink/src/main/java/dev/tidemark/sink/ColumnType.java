package dev.tidemark.sink;

/// What the cells of a column hold. A cell of any type may be null.
public enum ColumnType {
  /// UTF-8 text that repeats: dictionary-encoded.
  TAG,
  /// UTF-8 text.
  STRING,
  /// A 64-bit IEEE 754 number.
  FLOAT64,
  /// A signed 64-bit integer.
  INT64,
  /// An unsigned 64-bit integer, carried in a `long` of the same bits.
  UINT64,
  /// True or false.
  BOOLEAN;

  /// {@return whether cells are read with [RowSource#text]}
  public boolean isText() {
    return this == TAG || this == STRING;
  }
}
