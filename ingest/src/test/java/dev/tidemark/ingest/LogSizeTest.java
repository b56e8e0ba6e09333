package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.sink.FileIdentity;
import dev.tidemark.sink.RowSource;
import dev.tidemark.sink.Schema;
import dev.tidemark.sink.Sink;
import dev.tidemark.sink.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log keeps what is in no file, and lets go of the rest; marks are never missed.
final class LogSizeTest {
  @TempDir Path folder;

  private static final IngestOptions SMALL =
      DataFolder.ON_DEMAND.withSegmentBytes(64 << 10).withFlush(1_000_000, Duration.ofMillis(20));
  private static final IngestOptions HELD = SMALL.withFlush(1_000_000, Duration.ofHours(1));

  private static String lines(String measurement, int from, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < from + count; i++) {
      lines.append(measurement).append(" v=").append(i).append("i ").append(i).append('\n');
    }
    return lines.toString();
  }

  private static void awaitLowWater(Ingest ingest) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (ingest.metrics().lowWaterLsn() <= ingest.metrics().durableLsn()) {
      assertThat(System.nanoTime()).as("the low-water mark rose").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private long segments() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("wal").resolve("shard-0000"))) {
      return files.filter(file -> file.toString().endsWith(".wal")).count();
    }
  }

  @Test
  void segmentsGoOnceTheirRowsAreInFiles() throws Exception {
    try (Ingest ingest = new DataFolder(folder).open(SMALL)) {
      for (int i = 0; i < 100; i++) {
        ingest.write(DataFolder.body(lines("cpu", i * 1000, 1000)));
      }
      ingest.flush();
      awaitLowWater(ingest);
      assertThat(ingest.metrics().shardLog().latencies().rotation().count()).isGreaterThan(10);
      assertThat(ingest.metrics().shardLog().files().segments()).isLessThan(5);
    }
    assertThat(segments()).isLessThan(20);
  }

  @Test
  void oneRowInNoFileKeepsTheLogAndItsMarksKeepOthersOut() throws Exception {
    BrokenSinkFor slow = new BrokenSinkFor("slow", folder);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest =
        new Ingest(slow, HELD.withCloseTimeout(Duration.ZERO), RecoveryListener.silent())) {
      ingest.write(DataFolder.body("slow v=1i 1\n"));
      for (int i = 0; i < 50; i++) {
        ingest.write(DataFolder.body(lines("cpu", i * 1000, 1000)));
        try {
          ingest.flush();
        } catch (SinkFailedException e) {
          assertThat(e).hasMessageContaining("db/slow");
        }
      }
      assertThat(ingest.metrics().flushedRows())
          .as("one that fails keeps no other from its files")
          .isEqualTo(50_000);
      assertThat(ingest.metrics().lowWaterLsn()).isLessThanOrEqualTo(1);
    }
    // The first record is still there, and so is every mark behind it: cpu is in files once.
    Recovered recovered = data.recovered();
    assertThat(recovered.skippedRows()).isEqualTo(50_000);
    assertThat(recovered.redoneFlushes()).isEqualTo(1);
    assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
        .containsExactly("50000 50000");
    assertThat(data.values("slow", "v")).containsExactly("1");
  }

  @Test
  void rangesGoOnBehindATruncatedMark() throws Exception {
    DataFolder data = new DataFolder(folder);
    for (int round = 0; round < 3; round++) {
      Recovered[] found = new Recovered[1];
      try (Ingest ingest = Ingest.open(folder, SMALL, DataFolder.listening(found))) {
        assertThat(found[0].replayedRows()).isZero();
        for (int i = 0; i < 20; i++) {
          ingest.write(DataFolder.body(lines("cpu", (round * 20 + i) * 1000, 1000)));
        }
      }
    }
    assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
        .containsExactly("60000 60000");
  }

  /// A sink that never takes one measurement.
  private static final class BrokenSinkFor extends PassingLogs {
    private final String measurement;

    BrokenSinkFor(String measurement, Path root) throws IOException {
      super(Logs.in(root, SMALL));
      this.measurement = measurement;
    }

    @Override
    public Sink openSink() throws IOException {
      Sink sink = super.openSink();
      return new Sink() {
        @Override
        public Stored write(FileIdentity id, Schema schema, RowSource rows) throws IOException {
          if (id.measurement().equals(measurement)) {
            throw new IOException("not this one");
          }
          return sink.write(id, schema, rows);
        }

        @Override
        public void close() throws IOException {
          sink.close();
        }
      };
    }
  }
}
