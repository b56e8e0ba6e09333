package dev.tidemark.sink;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Asks DuckDB, a reader that shares no code with the writer.
final class Duck {
  private Duck() {}

  /// {@return the rows of a query, cells as text, `NULL` for a null; `FILE` stands for the file}
  static List<List<String>> query(Path file, String sql) throws SQLException {
    String quoted = "'" + file.toString().replace("'", "''") + "'";
    List<List<String>> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      try (ResultSet result = statement.executeQuery(sql.replace("FILE", quoted))) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int column = 1; column <= columns; column++) {
            row.add(String.valueOf(result.getString(column)));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /// {@return the only cell of a query}
  static String one(Path file, String sql) throws SQLException {
    return query(file, sql).getFirst().getFirst();
  }
}
