package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Under async: what became durable on the way is told, and what is asked for comes at once.
@Timeout(30)
class AsyncPromiseTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  @Test
  void changeOfSegmentsTellsWhatItMadeDurable() throws IOException {
    try (Wal wal = Wal.open(storage, Host.system(), Logs.small(SyncPolicy.async(hour())))) {
      int n = 0;
      while (wal.segments().size() == 1) {
        Logs.append(wal, ++n, n);
      }
      long sealed = wal.segments().getFirst().lastLsn();
      assertThat(wal.durableLsn()).isGreaterThanOrEqualTo(sealed);
      wal.awaitDurable(sealed);
    }
  }

  @Test
  void syncDoesNotWaitForTheBound() throws IOException {
    try (Wal wal = Wal.open(storage, Host.system(), Logs.small(SyncPolicy.async(hour())))) {
      for (int n = 1; n <= 200; n++) {
        Logs.append(wal, n, n);
        assertThat(wal.sync()).isEqualTo(n);
      }
    }
  }

  @Test
  void everyRecordIsSyncedWithinTheBoundWithoutBeingAskedFor() throws Exception {
    try (Wal wal =
        Wal.open(storage, Host.system(), Logs.small(SyncPolicy.async(Duration.ofMillis(4))))) {
      for (int n = 1; n <= 300; n++) {
        Logs.append(wal, n, n);
        // Far more than the bound, for a busy machine, and far less than for ever.
        assertThat(wal.awaitDurableBeyond(n - 1, Duration.ofSeconds(5))).isTrue();
      }
    }
  }

  private static Duration hour() {
    return Duration.ofHours(1);
  }
}
