package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When rows leave memory, in which ranges, and in what order the marks are set.
final class FlushTest {
  private static final long HOUR = 3_600_000_000_000L;
  private static final Pattern NAME =
      Pattern.compile("(.*)/[0-9a-f]{32}-0000-(\\d+)-(\\d+)\\.parquet");

  @TempDir Path folder;

  private static String lines(String measurement, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append(measurement).append(" v=").append(i).append("i ").append(i).append('\n');
    }
    return lines.toString();
  }

  private static void awaitFlushed(Ingest ingest, long rows) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (ingest.metrics().flushedRows() < rows) {
      assertThat(System.nanoTime()).as("flushed in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void aMeasurementIsFlushedWhenItHasEnoughRows() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open(DataFolder.ON_DEMAND.withFlush(100, Duration.ofHours(1)))) {
      ingest.write(DataFolder.body(lines("cpu", 99)));
      ingest.write(DataFolder.body(lines("mem", 99)));
      ingest.write(DataFolder.body(lines("cpu", 5)));
      awaitFlushed(ingest, 104);
      assertThat(data.values("cpu", "v")).hasSize(104);
      assertThat(data.files("mem")).isEmpty();
    }
  }

  @Test
  void aMeasurementIsFlushedWhenItsOldestRowIsOldEnough() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest =
        data.open(DataFolder.ON_DEMAND.withFlush(1_000_000, Duration.ofMillis(50)))) {
      ingest.write(DataFolder.body(lines("cpu", 3)));
      awaitFlushed(ingest, 3);
      assertThat(data.values("cpu", "v")).hasSize(3);
    }
  }

  @Test
  void rangesFollowEachOtherAndEndAtWholeRecords() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open()) {
      for (int i = 0; i < 3; i++) {
        ingest.write(DataFolder.body(lines("cpu", 2)));
        ingest.write(DataFolder.body(lines("cpu", 2)));
        ingest.flush();
      }
    }
    List<long[]> ranges = new ArrayList<>();
    for (String file : data.files("cpu")) {
      Matcher name = NAME.matcher(file);
      assertThat(name.matches()).as(file).isTrue();
      ranges.add(new long[] {Long.parseLong(name.group(2)), Long.parseLong(name.group(3))});
    }
    ranges.sort((x, y) -> Long.compare(x[0], y[0]));
    assertThat(ranges).hasSize(3);
    assertThat(ranges.get(0)[0]).isEqualTo(1);
    assertThat(ranges.get(1)[0]).isEqualTo(ranges.get(0)[1] + 1);
    assertThat(ranges.get(2)[0]).isEqualTo(ranges.get(1)[1] + 1);
  }

  @Test
  void rowsOfManyHoursMakeOneFilePerHourInUtc() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open()) {
      // Out of order, before 1970, and at the edges of hours.
      ingest.write(
          DataFolder.body(
              "cpu v=1i %d\ncpu v=2i %d\ncpu v=3i -1\ncpu v=4i 0\ncpu v=5i %d\n"
                  .formatted(25 * HOUR, HOUR - 1, 25 * HOUR + 5)));
      assertThat(ingest.flush()).isEqualTo(5);
    }
    assertThat(data.files("cpu"))
        .extracting(file -> file.substring(0, 13))
        .containsExactly("1969/12/31/23", "1970/01/01/00", "1970/01/02/01");
    assertThat(data.query("cpu", "SELECT v, epoch_ns(time) FROM FILES"))
        .containsExactly(
            "1 " + 25 * HOUR, "2 " + (HOUR - 1), "3 -1", "4 0", "5 " + (25 * HOUR + 5));
  }

  @Test
  void theIntentIsDurableBeforeAnyFileAndDoneComesLast() throws Exception {
    Steps steps = new Steps(folder, 0);
    IngestOptions options = DataFolder.ON_DEMAND.withFlushThreads(1);
    try (Ingest ingest = new Ingest(steps, options, RecoveryListener.silent())) {
      ingest.write(DataFolder.body("cpu v=1 0\ncpu v=1 " + HOUR + "\n"));
      ingest.flush();
    }
    assertThat(steps.seen())
        .containsExactly(
            "before body",
            "after body",
            "before intent",
            "after intent",
            "before file cpu 0",
            "after file cpu 0",
            "before file cpu 1",
            "after file cpu 1",
            "before done",
            "after done");
  }

  @Test
  void newColumnsMidwayAreNullInEarlierRows() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open()) {
      ingest.write(DataFolder.body("cpu,host=a v=1i 1\n"));
      ingest.flush();
      ingest.write(DataFolder.body("cpu,host=b v=2i 2\n"));
      ingest.write(DataFolder.body("cpu,zone=z v=3i,w=\"new\" 3\n"));
      ingest.flush();
    }
    assertThat(data.query("cpu", "SELECT v, host, zone, w FROM FILES"))
        .containsExactly("1 a null null", "2 b null null", "3 null z new");
  }

  @Test
  void tenThousandMeasurementsNeedNoMoreThreadsThanOne() throws Exception {
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = data.open(DataFolder.ON_DEMAND.withCloseTimeout(Duration.ZERO))) {
      ingest.write(DataFolder.body("m0 v=1 1\n"));
      ingest.flush();
      int before = ingestThreads();
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 10_000; i++) {
        lines.append('m').append(i).append(" v=").append(i).append("i 1\n");
      }
      ingest.write(DataFolder.partial(lines.toString()));
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (ingest.metrics().bufferedRows() < 9_999) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(ingest.metrics().measurements()).isEqualTo(10_000);
      assertThat(ingestThreads()).isEqualTo(before);
    }
  }

  private static int ingestThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("tidemark-shard"))
            .count();
  }
}
