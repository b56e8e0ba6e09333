package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How a server stops when it is asked to.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SigtermTest {
  @TempDir private Path folder;

  @Test
  void everythingIsInFilesTheCodeIs0AndTheNextStartReplaysNoRows() throws Exception {
    Path data = folder.resolve("data");
    Ledger ledger = new Ledger(Ledger.benchmark().subList(0, 3000), new Random(1));
    try (ChildServer server = ChildServer.start(folder, data)) {
      Writers.start(server.ready(), ledger).join();
      long begin = System.nanoTime();
      assertThat(server.terminate()).as(server.said()).isZero();
      assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(30));
      assertThat(server.out()).matches("ready http://127\\.0\\.0\\.1:\\d+\n");
    }
    assertThat(ledger.faults(Stored.counted(data, ledger))).isEmpty();
    try (ChildServer server = ChildServer.start(folder, data)) {
      server.ready();
      assertThat(server.err()).contains("replayed no rows").contains("closed properly");
      assertThat(server.err())
          .containsPattern("a memory budget of 128\\.0 MiB \\(\\d+ bytes taken\\)")
          .containsPattern("a disk budget of \\S+ .iB for the logs \\(\\d+\\.\\d MiB taken\\)");
      assertThat(server.terminate()).isZero();
    }
    assertThat(Stored.count(data, "nab")).isEqualTo(3000);
  }

  @Test
  void writesUnderWayAreAnsweredOrNotStored() throws Exception {
    Path data = folder.resolve("data");
    Ledger ledger = new Ledger(Ledger.benchmark().subList(0, 6000), new Random(2));
    try (ChildServer server = ChildServer.start(folder, data)) {
      Writers writers = Writers.start(server.ready(), ledger);
      while (ledger.acknowledgedBodies() < 20) {
        Thread.onSpinWait();
      }
      assertThat(server.terminate()).as(server.said()).isZero();
      writers.join();
    }
    assertThat(ledger.faults(Stored.counted(data, ledger))).isEmpty();
  }

  @Test
  void aSecondServerOnTheSameDirectoryIsRefused() throws Exception {
    Path data = folder.resolve("data");
    try (ChildServer first = ChildServer.start(folder, data)) {
      first.ready();
      try (ChildServer second = ChildServer.start(folder, data)) {
        assertThat(second.awaitEnd()).as(second.said()).isEqualTo(74);
        assertThat(second.err()).contains("not started");
        assertThat(second.out()).isEmpty();
      }
      assertThat(first.terminate()).isZero();
    }
  }
}
