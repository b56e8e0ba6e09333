package dev.tidemark.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows in memory for tests: a schema, and cells as objects.
final class Rows implements RowSource {
  static final String LOG_ID = "00112233445566778899aabbccddeeff";

  private final Schema schema;
  private final List<Long> times = new ArrayList<>();
  private final List<@Nullable Object[]> cells = new ArrayList<>();

  /// Handed out again and again, as a source that parses in place would do.
  private byte[] shared = new byte[8];

  private Rows(Schema schema) {
    this.schema = schema;
  }

  static Rows of(Column... columns) {
    return new Rows(new Schema(List.of(columns)));
  }

  static Column tag(String name) {
    return new Column(name, ColumnType.TAG);
  }

  static Column field(String name, ColumnType type) {
    return new Column(name, type);
  }

  /// Three columns: a tag of few values, a number, a counter.
  static Rows three(int count) {
    Rows rows =
        of(tag("host"), field("value", ColumnType.FLOAT64), field("requests", ColumnType.INT64));
    for (int row = 0; row < count; row++) {
      rows.add(row * 1_000_000L, "host-" + row % 100, Math.sqrt(row), (long) row * row);
    }
    return rows;
  }

  Rows add(long timeNanos, @Nullable Object... row) {
    if (row.length != schema.columns().size()) {
      throw new IllegalArgumentException("a row of " + row.length + " cells");
    }
    times.add(timeNanos);
    cells.add(row);
    return this;
  }

  Schema schema() {
    return schema;
  }

  /// {@return an identity for these rows: the hour is that of the first}
  FileIdentity identity() {
    return new FileIdentity(
        LOG_ID, 0, "nab", "cpu", 1, times.size(), FileIdentity.hourOf(times.getFirst()));
  }

  @Override
  public int rowCount() {
    return times.size();
  }

  @Override
  public long timeNanos(int row) {
    return times.get(row);
  }

  @Override
  public boolean isNull(int column, int row) {
    return cells.get(row)[column] == null;
  }

  private Object cell(int column, int row) {
    Object cell = cells.get(row)[column];
    if (cell == null) {
      throw new IllegalStateException("a null cell was read");
    }
    return cell;
  }

  @Override
  public long longValue(int column, int row) {
    return (Long) cell(column, row);
  }

  @Override
  public double doubleValue(int column, int row) {
    return (Double) cell(column, row);
  }

  @Override
  public boolean booleanValue(int column, int row) {
    return (Boolean) cell(column, row);
  }

  @Override
  public void text(int column, int row, Text target) {
    byte[] bytes = ((String) cell(column, row)).getBytes(UTF_8);
    if (shared.length < bytes.length + 3) {
      shared = new byte[bytes.length + 3];
    }
    System.arraycopy(bytes, 0, shared, 3, bytes.length);
    target.utf8(shared, 3, bytes.length);
    Arrays.fill(shared, (byte) '!');
  }
}
