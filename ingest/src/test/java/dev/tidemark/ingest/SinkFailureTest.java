package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  void memoryIsBoundedWhileTheSinkIsDeadAndNothingAcknowledgedIsLost() throws Exception {
    BrokenSink sink = new BrokenSink(folder);
    IngestOptions options =
        DataFolder.ON_DEMAND.withMemoryBytes(1 << 20).withCloseTimeout(Duration.ZERO);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      lines.append("cpu v=").append(i).append("i ").append(i).append('\n');
    }
    int accepted = 0;
    List<UnavailableException> refusals = new ArrayList<>();
    try (Ingest ingest = new Ingest(sink, options, RecoveryListener.silent())) {
      sink.broken(true);
      for (int i = 0; i < 1_000 && refusals.isEmpty(); i++) {
        try {
          ingest.write(DataFolder.body(lines.toString()));
          accepted++;
        } catch (UnavailableException e) {
          refusals.add(e);
        }
      }
      assertThat(refusals).hasSize(1);
      UnavailableException refused = refusals.getFirst();
      assertThat(refused).hasMessageContaining("memory is full");
      assertThat(refused.outcomeUnknown()).isFalse();
      assertThat(refused.retryAfter()).isPositive();
      assertThat(ingest.metrics().bufferedBytes()).isLessThan(2 << 20);
    }
    DataFolder data = new DataFolder(folder);
    data.recovered();
    assertThat(data.query("cpu", "SELECT count(*) FROM FILES"))
        .containsExactly("" + accepted * 1_000);
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

  @Test
  void replayThatFitsNoMemoryFailsTheStartWhenTheSinkIsDead() throws Exception {
    DataFolder data = new DataFolder(folder.resolve("first"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      lines.append("cpu v=").append(i).append("i ").append(i).append('\n');
    }
    DataFolder killed;
    try (Ingest ingest = data.open()) {
      ingest.write(DataFolder.body(lines.toString()));
      killed = data.copiedTo(folder.resolve("again"));
    }
    BrokenSink sink = new BrokenSink(killed.root());
    sink.broken(true);
    IngestOptions small = DataFolder.ON_DEMAND.withMemoryBytes(1 << 20);
    assertThatThrownBy(() -> new Ingest(sink, small, RecoveryListener.silent()))
        .hasMessageContaining("memory is full")
        .hasMessageContaining("db/cpu");
    killed.recovered();
    assertThat(killed.query("cpu", "SELECT count(*) FROM FILES")).containsExactly("100000");
  }
}
