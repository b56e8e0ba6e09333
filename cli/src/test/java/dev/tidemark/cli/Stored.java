package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Reads the Parquet files of a data directory as a user would, with DuckDB.
final class Stored {
  private Stored() {}

  /// {@return how many rows a database has}
  static long count(Path data, String database) throws SQLException {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery("select count(*) from '" + files(data, database) + "'")) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }

  /// Reads every row of `nab` and checks that it says what the line of its number says.
  ///
  /// @return how often each line is there
  static int[] counted(Path data, Ledger ledger) throws SQLException {
    int[] counts = new int[ledger.lineCount()];
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select number, \"group\", series, value, epoch_ns(time) from '"
                    + files(data, "nab")
                    + "'")) {
      while (rows.next()) {
        int number = rows.getInt(1);
        String line =
            "nab,group="
                + rows.getString(2)
                + ",series="
                + rows.getString(3)
                + " value="
                + rows.getDouble(4)
                + " "
                + rows.getLong(5);
        if (!line.equals(normal(ledger.line(number)))) {
          throw new AssertionError("sent " + ledger.line(number) + ", stored " + line);
        }
        counts[number]++;
      }
    }
    return counts;
  }

  /// {@return the line with its value as Java writes doubles}
  private static String normal(String line) {
    int value = line.indexOf(" value=") + 7;
    int time = line.lastIndexOf(' ');
    return line.substring(0, value)
        + Double.parseDouble(line.substring(value, time))
        + line.substring(time);
  }

  private static String files(Path data, String database) {
    return data.resolve("parquet").resolve(database) + "/**/*.parquet";
  }
}
