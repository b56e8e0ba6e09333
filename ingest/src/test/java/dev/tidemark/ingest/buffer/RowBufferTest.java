package dev.tidemark.ingest.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.catalog.Additions;
import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.CatalogColumn;
import dev.tidemark.ingest.catalog.ColumnGuess;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.lineprotocol.LineParser;
import dev.tidemark.ingest.lineprotocol.ParseResult;
import dev.tidemark.ingest.lineprotocol.Precision;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows come out of a buffer as they went in, however sparse the columns, and memory goes with the
/// cells.
final class RowBufferTest {
  private static final long HOUR = 3_600_000_000_000L;
  private static final int COLUMNS = 40;

  @TempDir Path folder;
  private Measurement cpu;
  private List<CatalogColumn> columns;

  @BeforeEach
  void catalog() throws Exception {
    try (Wal log =
        Wal.open(
            folder, WalOptions.builder().segmentBytes(1 << 20).stagingBytes(64 << 10).build())) {
      Catalog catalog = Catalog.open(log, 10);
      Additions all = new Additions();
      Slice name = Slice.of("cpu");
      for (int i = 0; i < COLUMNS; i++) {
        all.add(name, Slice.of("t" + i), ColumnType.TAG);
        all.add(name, Slice.of("f" + i), ColumnType.FLOAT64);
        all.add(name, Slice.of("s" + i), ColumnType.STRING);
      }
      assertThat(catalog.add("db", all, 1000)).isTrue();
      Measurement found = catalog.find("db", "cpu");
      if (found == null) {
        throw new AssertionError("no cpu");
      }
      cpu = found;
      columns = cpu.columnsAsOf(Long.MAX_VALUE);
    }
  }

  private ParseResult fill(RowBuffer buffer, String lines) {
    byte[] bytes = lines.getBytes(UTF_8);
    ColumnGuess guess = new ColumnGuess();
    return new LineParser()
        .parse(bytes, 0, bytes.length, Precision.NANOSECONDS, 0, p -> buffer.add(p, guess));
  }

  @Test
  void randomSparseRowsComeOutAsTheyWentIn() {
    long seed = 4711;
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    TreeMap<Long, List<TreeMap<String, String>>> model = new TreeMap<>();
    for (int row = 0; row < 3_000; row++) {
      TreeMap<String, String> cells = new TreeMap<>();
      for (int i = 0; i < COLUMNS; i++) {
        if (random.nextInt(1 + i) == 0) {
          cells.put("t" + i, "v" + random.nextInt(50));
        }
        if (random.nextInt(2 + i) == 0) {
          cells.put("f" + i, "" + random.nextInt(1000) / 8.0);
        }
        if (random.nextInt(3 + i) == 0) {
          cells.put("s" + i, "é".repeat(random.nextInt(4)));
        }
      }
      cells.put("f0", row + ".0");
      long hour = random.nextInt(3) - 1L;
      lines.append("cpu");
      cells.forEach((k, v) -> lines.append(k.startsWith("t") ? "," + k + "=" + v : ""));
      String fields = "";
      for (String key : cells.keySet()) {
        String quote = key.startsWith("s") ? "\"" : "";
        fields += key.startsWith("t") ? "" : "," + key + "=" + quote + cells.get(key) + quote;
      }
      lines
          .append(' ')
          .append(fields.substring(1))
          .append(' ')
          .append(hour * HOUR + row)
          .append('\n');
      model.computeIfAbsent(hour, k -> new ArrayList<>()).add(cells);
    }
    RowBuffer buffer = new RowBuffer(cpu, 1);
    assertThat(fill(buffer, lines.toString()).rejected()).isZero();
    List<HourRows> hours = HourRows.split(buffer, columns);
    assertThat(hours).extracting(HourRows::hourEpoch).containsExactlyElementsOf(model.keySet());
    for (HourRows hour : hours) {
      List<TreeMap<String, String>> wanted = model.getOrDefault(hour.hourEpoch(), List.of());
      assertThat(hour.rowCount()).isEqualTo(wanted.size());
      // In order, and then in no order.
      for (int i = 0; i < 2 * hour.rowCount(); i++) {
        int row = i < hour.rowCount() ? i : random.nextInt(hour.rowCount());
        assertThat(cells(hour, row)).as("seed %d row %d", seed, row).isEqualTo(wanted.get(row));
      }
    }
  }

  private Map<String, String> cells(HourRows rows, int row) {
    TreeMap<String, String> cells = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i).name();
      if (rows.isNull(i, row)) {
        continue;
      }
      if (columns.get(i).type() == ColumnType.FLOAT64) {
        cells.put(name, "" + rows.doubleValue(i, row));
      } else {
        rows.text(
            i, row, (array, at, length) -> cells.put(name, new String(array, at, length, UTF_8)));
      }
    }
    return cells;
  }

  @Test
  void memoryGoesWithTheCellsNotWithRowsTimesColumns() {
    RowBuffer narrow = new RowBuffer(cpu, 1);
    fill(narrow, "cpu f0=1 1\n".repeat(50_000));
    long before = narrow.bytes();
    StringBuilder wide = new StringBuilder();
    for (int i = 1; i < COLUMNS; i++) {
      wide.append("cpu f").append(i).append("=1 1\n");
    }
    fill(narrow, wide.toString());
    assertThat(narrow.bytes() - before).isLessThan(COLUMNS * 1_000);
  }

  @Test
  void aPointThatTheCatalogDoesNotKnowIsRefusedWhole() {
    RowBuffer buffer = new RowBuffer(cpu, 1);
    ParseResult result = fill(buffer, "cpu,t0=a f0=1 1\ncpu,t0=a unknown=1 1\ncpu f0=1i 1\n");
    assertThat(result.rejected()).isEqualTo(2);
    assertThat(buffer.rows()).isEqualTo(1);
    assertThat(buffer.cells()).isEqualTo(2);
  }
}
