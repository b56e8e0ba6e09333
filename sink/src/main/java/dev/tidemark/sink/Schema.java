package dev.tidemark.sink;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The columns of one measurement: its tags, then its fields, each in the order of the catalog.
///
/// The time of a row is no column here; every file has it, last. Immutable.
///
/// @param columns 1 to 10,000 columns of different names; copied
public record Schema(List<Column> columns) {

  /// The most columns a file may have.
  public static final int MAX_COLUMNS = 10_000;

  /// Checks the columns against each other.
  ///
  /// @throws IllegalArgumentException if there is no column, there are too many, two share a name,
  ///   or a tag stands behind a field
  public Schema {
    columns = List.copyOf(columns);
    if (columns.isEmpty() || columns.size() > MAX_COLUMNS) {
      throw new IllegalArgumentException(
          "a schema has 1 to " + MAX_COLUMNS + " columns, not " + columns.size());
    }
    Set<String> names = new HashSet<>();
    boolean inFields = false;
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw new IllegalArgumentException("two columns are named \"" + column.name() + "\"");
      }
      boolean tag = column.type() == ColumnType.TAG;
      if (tag && inFields) {
        throw new IllegalArgumentException(
            "tags come before fields, but \"" + column.name() + "\" does not");
      }
      inFields = !tag;
    }
  }
}
