package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The measurements and columns that one body would add to a database, in the order of the body.
///
/// For one thread. Names are copied as they are added.
public final class Additions {
  // Owned by the thread that checks the body.
  private final Map<Slice, Map<Slice, ColumnType>> byMeasurement = new LinkedHashMap<>();

  /// Creates an empty set.
  public Additions() {}

  /// {@return whether there is none}
  public boolean isEmpty() {
    return byMeasurement.isEmpty();
  }

  /// {@return the type that a column is to have, or null if it is not among the additions}
  ///
  /// @param measurement its measurement; may be lent
  /// @param column its name; may be lent
  public @Nullable ColumnType type(Slice measurement, Slice column) {
    Map<Slice, ColumnType> columns = byMeasurement.get(measurement);
    return columns == null ? null : columns.get(column);
  }

  /// {@return how many columns a measurement is to get}
  ///
  /// @param measurement its name; may be lent
  public int columnCount(Slice measurement) {
    Map<Slice, ColumnType> columns = byMeasurement.get(measurement);
    return columns == null ? 0 : columns.size();
  }

  /// {@return how many measurements are to get columns}
  public int measurementCount() {
    return byMeasurement.size();
  }

  /// {@return whether a measurement is to get columns}
  ///
  /// @param measurement its name; may be lent
  public boolean hasMeasurement(Slice measurement) {
    return byMeasurement.containsKey(measurement);
  }

  /// Adds a column.
  ///
  /// @param measurement its measurement; copied
  /// @param column its name; copied
  /// @param type what it is to hold
  public void add(Slice measurement, Slice column, ColumnType type) {
    Map<Slice, ColumnType> columns = byMeasurement.get(measurement);
    if (columns == null) {
      columns = new LinkedHashMap<>();
      byMeasurement.put(measurement.copy(), columns);
    }
    if (!columns.containsKey(column)) {
      columns.put(column.copy(), type);
    }
  }

  /// Forgets everything.
  public void clear() {
    byMeasurement.clear();
  }

  /// {@return the measurements, in the order they came}
  Iterable<Slice> measurements() {
    return byMeasurement.keySet();
  }

  /// {@return the columns a measurement is to get, in the order they came}
  List<NewColumn> columns(Slice measurement) {
    List<NewColumn> columns = new ArrayList<>();
    Map<Slice, ColumnType> types = byMeasurement.get(measurement);
    if (types != null) {
      types.forEach((key, type) -> columns.add(new NewColumn(key, type)));
    }
    return columns;
  }
}
