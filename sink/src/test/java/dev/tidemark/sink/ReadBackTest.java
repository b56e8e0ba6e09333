package dev.tidemark.sink;

import static dev.tidemark.sink.Rows.field;
import static dev.tidemark.sink.Rows.tag;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes in comes out, as DuckDB reads it.
class ReadBackTest {
  @TempDir Path root;

  private Path write(Rows rows) throws IOException {
    try (LocalSink sink = LocalSink.open(root)) {
      Stored stored = sink.write(rows.identity(), rows.schema(), rows);
      Path file = root.resolve(stored.relativePath());
      assertThat(stored.rows()).isEqualTo(rows.rowCount());
      assertThat(stored.bytes()).isEqualTo(Files.size(file));
      assertThat(stored.kept()).isFalse();
      return file;
    }
  }

  private static Rows everyType() {
    return Rows.of(
        tag("host"),
        field("text", ColumnType.STRING),
        field("number", ColumnType.FLOAT64),
        field("signed", ColumnType.INT64),
        field("unsigned", ColumnType.UINT64),
        field("up", ColumnType.BOOLEAN));
  }

  @Test
  void columnsAreTagsThenFieldsThenTimeWithTheirTypes() throws Exception {
    Path file = write(everyType().add(0, "a", "b", 1.0, 1L, 1L, true));

    assertThat(Duck.query(file, "select column_name, column_type from (describe from FILE)"))
        .containsExactly(
            List.of("host", "VARCHAR"),
            List.of("text", "VARCHAR"),
            List.of("number", "DOUBLE"),
            List.of("signed", "BIGINT"),
            List.of("unsigned", "UBIGINT"),
            List.of("up", "BOOLEAN"),
            List.of("time", "TIMESTAMPTZ_NS"));
    assertThat(
            Duck.query(
                file,
                "select name, type, repetition_type, converted_type from parquet_schema(FILE)"
                    + " where name in ('host', 'unsigned', 'time')"))
        .containsExactly(
            List.of("host", "BYTE_ARRAY", "OPTIONAL", "UTF8"),
            List.of("unsigned", "INT64", "OPTIONAL", "UINT_64"),
            List.of("time", "INT64", "REQUIRED", "null"));
    assertThat(Duck.one(file, "select logical_type from parquet_schema(FILE) where name = 'time'"))
        .contains("isAdjustedToUTC=1", "NANOS=NanoSeconds()");
  }

  @Test
  void valuesAndNullsComeBack() throws Exception {
    Path file =
        write(
            everyType()
                .add(1, "a", "x y", 1.5, Long.MIN_VALUE, -1L, true)
                .add(2, null, null, null, null, null, null)
                .add(2, "b", "", -0.0, Long.MAX_VALUE, Long.MIN_VALUE, false)
                .add(0, "", "tab\t\"'\n", Double.MAX_VALUE, 0L, 0L, null));

    assertThat(
            Duck.query(
                file, "select host, text, number, signed, unsigned, up, epoch_ns(time) from FILE"))
        .containsExactly(
            List.of("a", "x y", "1.5", "-9223372036854775808", "18446744073709551615", "true", "1"),
            List.of("null", "null", "null", "null", "null", "null", "2"),
            List.of("b", "", "-0.0", "9223372036854775807", "9223372036854775808", "false", "2"),
            List.of("", "tab\t\"'\n", "1.7976931348623157E308", "0", "0", "null", "0"));
  }

  @Test
  void textsAreUnicode() throws Exception {
    String text = "Zürich 東京 \uD83C\uDF0A e\u0301";
    Path file =
        write(
            Rows.of(tag("städte.eu"), field("a \"b\" c", ColumnType.STRING))
                .add(0, text, text + text));

    assertThat(Duck.query(file, "select \"städte.eu\", \"a \"\"b\"\" c\" from FILE"))
        .containsExactly(List.of(text, text + text));
  }

  @Test
  void namesThatDifferInCaseOnlyAreStoredAsTheyAre() throws Exception {
    Path file =
        write(
            Rows.of(tag("host"), tag("Host"), field("Time", ColumnType.INT64))
                .add(5, "a", "b", 7L));

    assertThat(Duck.query(file, "select name from parquet_schema(FILE) where num_children is null"))
        .containsExactly(List.of("host"), List.of("Host"), List.of("Time"), List.of("time"));
    assertThat(Duck.query(file, "select host, Host_1, Time, epoch_ns(time_1) from FILE"))
        .containsExactly(List.of("a", "b", "7", "5"));
  }

  @Test
  void timesBefore1970KeepTheirNanoseconds() throws Exception {
    Path file = write(Rows.of(field("v", ColumnType.INT64)).add(-1, 1L).add(-2_000_000_001L, 2L));

    assertThat(root.relativize(file).toString()).startsWith("nab/cpu/1969/12/31/23/");
    assertThat(Duck.query(file, "select epoch_ns(time), v from FILE"))
        .containsExactly(List.of("-1", "1"), List.of("-2000000001", "2"));
  }

  @Test
  void theFirstAndTheLastTimeAreStored() throws Exception {
    // DuckDB takes the very first two and the very last nanosecond for infinities.
    for (long time : new long[] {Long.MIN_VALUE + 2, Long.MAX_VALUE - 1}) {
      Path file = write(Rows.of(field("v", ColumnType.INT64)).add(time, 1L));

      assertThat(Duck.query(file, "select epoch_ns(time), v from FILE"))
          .containsExactly(List.of(Long.toString(time), "1"));
    }
  }

  @Test
  void aThousandColumnsComeBack() throws Exception {
    Column[] columns = new Column[1000];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = i < 500 ? tag("t" + i) : field("f" + i, ColumnType.INT64);
    }
    Rows rows = Rows.of(columns);
    for (int row = 0; row < 20; row++) {
      Object[] cells = new Object[1000];
      for (int i = row; i < 1000; i++) {
        cells[i] = i < 500 ? (Object) ("v" + i + "-" + row) : (Object) ((long) i * row);
      }
      rows.add(row, cells);
    }
    Path file = write(rows);

    assertThat(
            Duck.query(file, "select t0, t7, t499, f500, f999 from FILE where epoch_ns(time) = 7"))
        .containsExactly(List.of("null", "v7-7", "v499-7", "3500", "6993"));
    assertThat(Duck.one(file, "select count(*) from (describe from FILE)")).isEqualTo("1001");
  }

  @Test
  void fiftyThousandRowsComeBackInOrder() throws Exception {
    Rows rows = Rows.three(50_000);
    Path file = write(rows);

    assertThat(
            Duck.query(
                file,
                "select count(*), count(distinct host), sum(requests), min(file_row_number),"
                    + " bool_and(epoch_ns(time) = file_row_number * 1000000),"
                    + " bool_and(requests = file_row_number * file_row_number),"
                    + " bool_and(host = 'host-' || (file_row_number % 100)),"
                    + " bool_and(value = sqrt(file_row_number))"
                    + " from read_parquet(FILE, file_row_number = true)"))
        .containsExactly(
            List.of("50000", "100", "41665416675000", "0", "true", "true", "true", "true"));
  }

  @Test
  void pagesAreZstandardAndTagsAreDictionaries() throws Exception {
    Path file = write(Rows.three(50_000));

    assertThat(Duck.query(file, "select distinct compression from parquet_metadata(FILE)"))
        .containsExactly(List.of("ZSTD"));
    assertThat(
            Duck.one(
                file, "select encodings from parquet_metadata(FILE) where path_in_schema = 'host'"))
        .contains("DICTIONARY");
  }

  @Test
  void nothingOfOursIsAColumnAndTheFooterSaysWhoseRowsTheyAre() throws Exception {
    Rows rows = Rows.three(3);
    Path file = write(rows);

    List<String> metadata = new ArrayList<>();
    for (List<String> pair :
        Duck.query(
            file,
            "select decode(key), decode(value) from parquet_kv_metadata(FILE) order by all")) {
      metadata.add(String.join("=", pair));
    }
    assertThat(metadata)
        .containsExactly(
            "tidemark.database=nab",
            "tidemark.from=1",
            "tidemark.hour=0",
            "tidemark.log=" + Rows.LOG_ID,
            "tidemark.measurement=cpu",
            "tidemark.rows=3",
            "tidemark.shard=0",
            "tidemark.to=3");
    assertThat(Duck.query(file, "select column_name from (describe from FILE)"))
        .containsExactly(List.of("host"), List.of("value"), List.of("requests"), List.of("time"));
  }

  @Test
  void aRowGroupIsClosedBeforeItsMemoryGrowsPastTheBound() throws Exception {
    Rows rows = Rows.of(field("log", ColumnType.STRING));
    long seed = 20260101;
    Random random = new Random(seed); // what compresses well would not fill a row group
    for (int row = 0; row < 100; row++) {
      byte[] bytes = new byte[1 << 20];
      random.nextBytes(bytes);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (' ' + (bytes[i] & 63));
      }
      rows.add(row, new String(bytes, StandardCharsets.US_ASCII));
    }
    Path file = write(rows);

    assertThat(
            Integer.parseInt(
                Duck.one(file, "select count(distinct row_group_id) from parquet_metadata(FILE)")))
        .isGreaterThanOrEqualTo(3);
    assertThat(Duck.one(file, "select sum(length(log)) from FILE"))
        .isEqualTo(Long.toString(100L * (1 << 20)));
  }

  @Test
  void theSameRowsGiveTheSameBytes() throws IOException, SQLException {
    Path first = write(Rows.three(50_000));
    byte[] bytes = Files.readAllBytes(first);
    Files.delete(first);

    assertThat(Files.readAllBytes(write(Rows.three(50_000)))).isEqualTo(bytes);
  }
}
