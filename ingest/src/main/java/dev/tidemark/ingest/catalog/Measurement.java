package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.Column;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.sink.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A measurement and the columns it has so far. There is one object per measurement; columns are
/// added and never change. Safe for use by any number of threads.
public final class Measurement {
  private final String database;
  private final String name;

  // Replaced as a whole, by the catalog, under its lock.
  private volatile Columns columns = new Columns(List.of(), Map.of());

  private record Columns(List<CatalogColumn> inOrder, Map<Slice, CatalogColumn> byKey) {}

  Measurement(String database, String name) {
    this.database = database;
    this.name = name;
  }

  /// {@return the database it belongs to}
  public String database() {
    return database;
  }

  /// {@return its name in that database}
  public String name() {
    return name;
  }

  /// {@return how many columns it has now}
  public int columnCount() {
    return columns.inOrder.size();
  }

  /// {@return its columns, in the order they came}
  List<CatalogColumn> columns() {
    return columns.inOrder;
  }

  /// {@return the catalog LSN that brought the last of them}
  long lastLsn() {
    return columns.inOrder.getLast().catalogLsn();
  }

  /// {@return the column of a name, or null}
  ///
  /// @param key the name; may be lent
  public @Nullable CatalogColumn column(Slice key) {
    return columns.byKey.get(key);
  }

  /// {@return the columns it had once the catalog log had been read up to an LSN, in the order of a
  /// file: tags first, each kind in the order they came}
  ///
  /// @param catalogLsn the LSN of the catalog log
  public List<CatalogColumn> columnsAsOf(long catalogLsn) {
    List<CatalogColumn> known = new ArrayList<>();
    for (boolean tags : new boolean[] {true, false}) {
      for (CatalogColumn column : columns.inOrder) {
        if (column.catalogLsn() <= catalogLsn && (column.type() == ColumnType.TAG) == tags) {
          known.add(column);
        }
      }
    }
    return known;
  }

  /// {@return the same columns as a file states them}
  ///
  /// @param columns what [#columnsAsOf(long)] gave
  public static Schema schema(List<CatalogColumn> columns) {
    return new Schema(columns.stream().map(c -> new Column(c.name(), c.type())).toList());
  }

  /// Adds columns; for the catalog, under its lock.
  void add(List<NewColumn> added, long catalogLsn) {
    List<CatalogColumn> inOrder = new ArrayList<>(columns.inOrder);
    Map<Slice, CatalogColumn> byKey = new HashMap<>(columns.byKey);
    for (NewColumn column : added) {
      CatalogColumn known =
          new CatalogColumn(
              column.key(), column.key().toString(), column.type(), inOrder.size(), catalogLsn);
      inOrder.add(known);
      byKey.put(known.key(), known);
    }
    columns = new Columns(List.copyOf(inOrder), Map.copyOf(byKey));
  }

  @Override
  public String toString() {
    return database + "/" + name;
  }
}
