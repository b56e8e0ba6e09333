package dev.tidemark.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.ingest.lineprotocol.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A data directory and what is asked of it: bodies in, and, by a reader that shares no code with
/// the writer, rows out.
final class DataFolder {
  /// Flushes come on demand only, and segments are small, because each is written once ahead of
  /// use.
  static final IngestOptions ON_DEMAND =
      IngestOptions.defaults()
          .withSegmentBytes(1 << 20)
          .withFlush(1_000_000, Duration.ofHours(1))
          .withCloseTimeout(Duration.ofSeconds(10));

  static final long ARRIVAL = 1_700_000_000_000_000_000L;

  private final Path root;

  DataFolder(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  Ingest open(IngestOptions options) throws IOException {
    return Ingest.open(root, options, RecoveryListener.silent());
  }

  Ingest open() throws IOException {
    return open(ON_DEMAND);
  }

  /// Opens and closes, and says what recovery found.
  Recovered recovered() throws IOException {
    Recovered[] found = new Recovered[1];
    Ingest.open(root, ON_DEMAND, listening(found)).close();
    return found[0];
  }

  static RecoveryListener listening(Recovered[] found) {
    return new RecoveryListener() {
      @Override
      public void progress(ReplayProgress progress) {}

      @Override
      public void recovered(Recovered recovered) {
        found[0] = recovered;
      }
    };
  }

  static WriteRequest body(String lines) {
    return body("db", lines, false);
  }

  static WriteRequest partial(String lines) {
    return body("db", lines, true);
  }

  static WriteRequest body(String database, String lines, boolean partial) {
    byte[] bytes = lines.getBytes(UTF_8);
    return new WriteRequest(
        database, Precision.NANOSECONDS, partial, bytes, 0, bytes.length, ARRIVAL, null);
  }

  /// {@return a copy of the directory as it is now: what a process killed now would leave}
  DataFolder copiedTo(Path target) throws IOException {
    List<Path> all;
    try (Stream<Path> paths = Files.walk(root)) {
      all = paths.toList();
    }
    for (Path path : all) {
      Path copy = target.resolve(root.relativize(path).toString());
      try {
        if (Files.isDirectory(path)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(path, copy);
        }
      } catch (NoSuchFileException e) {
        // A spare segment that got its name meanwhile.
      }
    }
    return new DataFolder(target);
  }

  /// {@return the rows of a query, cells joined by a space, sorted; `FILES` stands for all files of
  /// a measurement of `db`}
  List<String> query(String measurement, String sql) throws SQLException {
    Path folder = root.resolve("parquet").resolve("db").resolve(measurement);
    if (!Files.exists(folder)) {
      return List.of();
    }
    String files = "read_parquet('" + folder + "/**/*.parquet', union_by_name = true)";
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      try (ResultSet result = statement.executeQuery(sql.replace("FILES", files))) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          StringBuilder row = new StringBuilder();
          for (int column = 1; column <= columns; column++) {
            row.append(column == 1 ? "" : " ").append(result.getString(column));
          }
          rows.add(row.toString());
        }
      }
    }
    rows.sort(null);
    return rows;
  }

  /// {@return the values of a column of a measurement, sorted; `null` for a null}
  List<String> values(String measurement, String column) throws SQLException {
    return query(measurement, "SELECT \"" + column + "\" FROM FILES");
  }

  /// {@return the files of a measurement, below its folder, sorted}
  List<String> files(String measurement) {
    Path folder = root.resolve("parquet").resolve("db").resolve(measurement);
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString())
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
