package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A sink that takes nothing: what the sender is told, what is kept, and that it goes on by itself.
final class SinkFailureTest {
  @TempDir Path folder;

  private static void awaitAttempts(BrokenSink sink, int attempts) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (sink.attempts() < attempts) {
      assertThat(System.nanoTime()).as("tried again in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void flushSaysSoAndTheRowsComeOnceTheSinkIsMended() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(sink, DataFolder.ON_DEMAND, RecoveryListener.silent())) {
      sink.broken(true);
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
      assertThatThrownBy(ingest::flush)
          .isInstanceOf(SinkFailedException.class)
          .hasMessageContaining("db/cpu")
          .hasMessageContaining("the sink is broken");
      assertThat(ingest.healthy()).isFalse();
      assertThat(ingest.failure()).contains("the sink is broken");
      assertThat(ingest.refusal()).as("writes are taken").isEmpty();
      // Writes go on: what they bring is in the log.
      ingest.write(DataFolder.body("cpu v=2i 2\n"));
      assertThat(ingest.metrics().bufferedRows()).isPositive();
      sink.broken(false);
      assertThat(ingest.flush()).isEqualTo(2);
      assertThat(ingest.healthy()).isTrue();
      assertThat(data.values("cpu", "v")).containsExactly("1", "2");
    }
  }

  @Test
  void aFailedFlushIsTriedAgainByItself() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    IngestOptions options = DataFolder.ON_DEMAND.withFlush(1, Duration.ofHours(1));
    try (Ingest ingest = new Ingest(sink, options, RecoveryListener.silent())) {
      sink.broken(true);
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
      awaitAttempts(sink, 3);
      sink.broken(false);
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (ingest.metrics().flushedRows() < 1) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(ingest.metrics().flushFailures()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void memoryIsBoundedWhileTheSinkIsDeadAndTheLogTakesWhatComes() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    IngestOptions options =
        DataFolder.ON_DEMAND.withMemoryBytes(1 << 20).withCloseTimeout(Duration.ZERO);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(sink, options, RecoveryListener.silent())) {
      sink.broken(true);
      for (int i = 0; i < 200; i++) {
        ingest.write(DataFolder.body(lines(i * 1000, 1000)));
      }
      // Half the budget, and what the columns grow by with the rows of one body.
      assertThat(ingest.metrics().bufferedBytes()).isLessThan(1 << 20);
      assertThat(ingest.metrics().bodyBytes()).isGreaterThan(2 << 20);
      assertThatThrownBy(ingest::flush)
          .isInstanceOf(SinkFailedException.class)
          .hasMessageContaining("memory is full")
          .hasMessageContaining("the sink is broken");
      assertThat(ingest.metrics().appliedLsn()).isLessThan(ingest.metrics().durableLsn());
      long written = ingest.metrics().durableLsn();
      sink.broken(false);
      ingest.flush();
      assertThat(ingest.metrics().appliedLsn()).isGreaterThanOrEqualTo(written);
      assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
          .containsExactly("200000 200000");
    }
    data.recovered();
    assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
        .containsExactly("200000 200000");
  }

  private static String lines(int from, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < from + count; i++) {
      lines.append("cpu v=").append(i).append("i ").append(i).append('\n');
    }
    return lines.toString();
  }

  @Test
  void aStartWithADeadSinkIsReadyAndTriesFurther() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    IngestOptions options = DataFolder.ON_DEMAND.withCloseTimeout(Duration.ZERO);
    try (Ingest ingest = new Ingest(sink, options, RecoveryListener.silent())) {
      sink.broken(true);
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
      assertThatThrownBy(ingest::flush).isInstanceOf(SinkFailedException.class);
    }
    Recovered[] found = new Recovered[1];
    try (Ingest ingest = new Ingest(sink, options, DataFolder.listening(found))) {
      assertThat(found[0].pendingFlushes()).isEqualTo(1);
      assertThat(found[0].redoneFlushes()).isZero();
      ingest.write(DataFolder.body("cpu v=2i 2\n"));
      sink.broken(false);
      ingest.flush();
      assertThat(new DataFolder(folder).values("cpu", "v")).containsExactly("1", "2");
    }
  }

  @Test
  void replayStaysWithinItsBudgetByFlushing() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      lines.append("m").append(i % 10).append(" v=").append(i).append("i ").append(i).append('\n');
    }
    DataFolder data = new DataFolder(folder.resolve("first"));
    DataFolder killed;
    try (Ingest ingest = data.open()) {
      for (int i = 0; i < 20; i++) {
        ingest.write(DataFolder.body(lines.toString()));
      }
      killed = data.copiedTo(folder.resolve("killed"));
    }
    BrokenSink sink = new BrokenSink(killed.root());
    IngestOptions small = DataFolder.ON_DEMAND.withMemoryBytes(1 << 20);
    Recovered[] found = new Recovered[1];
    try (Ingest ingest = new Ingest(sink, small, DataFolder.listening(found))) {
      assertThat(found[0].replayedRows()).isEqualTo(200_000);
      assertThat(sink.attempts()).as("files written while replaying").isPositive();
      assertThat(ingest.metrics().bufferedBytes()).isLessThan(2 << 20);
      ingest.flush();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(killed.query("m" + i, "SELECT count(*) FROM FILES")).containsExactly("20000");
    }
  }

  // More than memory holds, with a flush that was interrupted in the middle of it.
  @Test
  void aStartWithADeadSinkIsReadyHoweverMuchTheLogHolds() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    IngestOptions options =
        DataFolder.ON_DEMAND.withMemoryBytes(1 << 20).withCloseTimeout(Duration.ZERO);
    try (Ingest ingest = new Ingest(sink, options, RecoveryListener.silent())) {
      sink.broken(true);
      ingest.write(DataFolder.body("mem v=1i 1\n"));
      assertThatThrownBy(ingest::flush).isInstanceOf(SinkFailedException.class);
      for (int i = 0; i < 100; i++) {
        ingest.write(DataFolder.body(lines(i * 1000, 1000)));
      }
    }
    Recovered[] found = new Recovered[1];
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(sink, options, DataFolder.listening(found))) {
      assertThat(found[0].replayedRows()).isBetween(1L, 99_999L);
      assertThat(ingest.metrics().bufferedBytes()).isLessThan(1 << 20);
      ingest.write(DataFolder.body(lines(100_000, 1000)));
      sink.broken(false);
      ingest.flush();
      assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
          .containsExactly("101000 101000");
      assertThat(data.values("mem", "v")).containsExactly("1");
    }
    assertThat(data.recovered().replayedRows()).isZero();
    assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
        .containsExactly("101000 101000");
    assertThat(data.values("mem", "v")).containsExactly("1");
  }
}
