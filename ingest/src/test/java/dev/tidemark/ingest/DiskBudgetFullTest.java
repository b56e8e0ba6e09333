package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.budget.DiskBudget;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sink that is dead fills the log up to its budget and no further; what was acknowledged by then
/// comes when it is mended.
@Timeout(120)
final class DiskBudgetFullTest {
  private static final long SEGMENT = 64 << 10;
  private static final long BUDGET = IngestOptions.leastDiskBytes(SEGMENT) + 16 * SEGMENT;
  private static final IngestOptions OPTIONS =
      DataFolder.ON_DEMAND
          .withSegmentBytes(SEGMENT)
          .withDisk(DiskBudget.ofBytes(BUDGET))
          // Far less than the log may hold.
          .withMemoryBytes(1 << 20)
          .withFlush(1_000_000, Duration.ofMillis(50))
          .withCloseTimeout(Duration.ZERO);

  @TempDir Path folder;

  private static String lines(int from, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < from + count; i++) {
      lines.append("cpu v=").append(i).append("i ").append(i).append('\n');
    }
    return lines.toString();
  }

  /// Writes until the log takes no more, not even one line: then it has no room for the note that a
  /// flush begins, either, but for what it keeps in reserve.
  ///
  /// @return how many lines it has now, if it had `from`
  private static int fill(Ingest ingest, int from) throws Exception {
    int accepted = from;
    int count = 1000;
    while (true) {
      assertThat(accepted).as("never full").isLessThan(10_000_000);
      try {
        ingest.write(DataFolder.body(lines(accepted, count)));
        accepted += count;
      } catch (UnavailableException refused) {
        assertThat(refused).hasMessageContaining("the disk is full");
        assertThat(refused.outcomeUnknown()).isFalse();
        assertThat(refused.retryAfter()).isPositive();
        if (count == 1) {
          return accepted;
        }
        count = 1;
      }
    }
  }

  @Test
  void aDeadSinkFillsTheLogUpToTheBudgetAndItGoesOnByItselfOnceTheSinkIsMended() throws Exception {
    BrokenSink sink = new BrokenSink(folder, OPTIONS);
    int accepted;
    try (Ingest ingest = new Ingest(sink, OPTIONS, RecoveryListener.silent())) {
      sink.broken(true);
      accepted = fill(ingest, 0);
      assertThat(accepted).as("more than the first segments hold").isGreaterThan(20_000);
      assertThat(ingest.disk().limitBytes()).isEqualTo(BUDGET);
      assertThat(ingest.disk().usedBytes()).isLessThanOrEqualTo(BUDGET);
      sink.broken(false);
      accepted += writeOneMore(ingest, accepted);
      ingest.flush();
      assertThat(ingest.disk().usedBytes()).isLessThanOrEqualTo(BUDGET);
    }
    expect(accepted);
  }

  @Test
  void aLogThatIsFullToItsBudgetIsReplayedAndFlushedByTheNextStart() throws Exception {
    BrokenSink sink = new BrokenSink(folder, OPTIONS);
    int accepted;
    try (Ingest ingest = new Ingest(sink, OPTIONS, RecoveryListener.silent())) {
      sink.broken(true);
      accepted = fill(ingest, 0);
    }
    try (Ingest ingest = new Ingest(sink, OPTIONS, RecoveryListener.silent())) {
      // What was kept in reserve for this start takes some more, and nothing follows it.
      accepted = fill(ingest, accepted);
      assertThat(ingest.disk().usedBytes()).isLessThanOrEqualTo(BUDGET);
      sink.broken(false);
      accepted += writeOneMore(ingest, accepted);
      ingest.flush();
    }
    expect(accepted);
  }

  // By itself: nobody calls flush.
  private static int writeOneMore(Ingest ingest, int from) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (true) {
      try {
        ingest.write(DataFolder.body(lines(from, 1000)));
        return 1000;
      } catch (UnavailableException stillFull) {
        assertThat(System.nanoTime()).as(stillFull.getMessage()).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aBodyLargerThanTheRestOfTheBudgetIsRefused() throws Exception {
    try (Ingest ingest = new DataFolder(folder).open(OPTIONS)) {
      // In pieces, as one batch, for which the log wants a segment of its own.
      String large = lines(0, 400_000);
      assertThat(large.length()).isGreaterThan((int) BUDGET);
      assertThatThrownBy(() -> ingest.write(DataFolder.body(large)))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("the disk is full")
          .hasStackTraceContaining("the disk budget of " + BUDGET + " bytes");
      ingest.write(DataFolder.body(lines(0, 1000)));
      ingest.flush();
    }
    expect(1000);
  }

  private void expect(int rows) throws Exception {
    DataFolder data = new DataFolder(folder);
    data.recovered();
    assertThat(data.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
        .containsExactly(rows + " " + rows);
  }
}
