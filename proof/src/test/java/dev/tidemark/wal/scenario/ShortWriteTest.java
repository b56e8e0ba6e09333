package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 13: a write ends early, with an error or because the disk turns out to be full though
/// the space was written before.
@Timeout(60)
class ShortWriteTest {
  private static final WalOptions LARGE =
      WalOptions.builder()
          .segmentBytes(1 << 20)
          .stagingBytes(1 << 20)
          .maxBatchBytes(8 << 20)
          .build();

  private static WalOptions small(SyncPolicy policy) {
    return WalOptions.builder().segmentBytes(4096).stagingBytes(4096).sync(policy).build();
  }

  private static Batch batch(int records, int bytes) {
    Batch batch = new Batch();
    for (int i = 0; i < records; i++) {
      batch.add(new byte[bytes]);
    }
    return batch;
  }

  private static void acknowledgesNothingMore(Wal wal) {
    assertThatThrownBy(() -> wal.append(Logs.record(9))).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  private static void holds(SimulatedDisk left, WalOptions options, int records, int batch)
      throws IOException {
    try (Wal wal = Scene.open(left, options)) {
      assertThat(Logs.read(wal).size()).isIn(records, records + batch);
      assertThat(Logs.read(wal)).startsWith(Logs.expected(1, records).toArray(String[]::new));
      long next = wal.appendDurable(Logs.record(0));
      try (Wal again = Scene.open(Scene.powerCut(left), options)) {
        assertThat(Logs.read(again)).last().isEqualTo(next + ":record 0");
      }
    }
  }

  @Test
  void batchOfWhichAnyNumberOfBytesWasWrittenIsNotAcknowledgedAndWholeOrAbsent()
      throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      for (IOException error :
          List.of(new IOException("EIO"), new StorageFullException("ENOSPC", null))) {
        for (int kept = 0; kept <= 320; kept += 13) {
          SimulatedDisk disk = new SimulatedDisk();
          WalOptions options = small(policy);
          Wal wal = Wal.open(disk, new FakeHost(1), options);
          Logs.append(wal, 1, 3);
          wal.sync();
          Logs.awaitSpares(wal);
          disk.faults().tear(1, kept, error);
          assertThatThrownBy(() -> wal.append(batch(3, 50)))
              .isInstanceOf(WalFailedException.class)
              .hasRootCause(error);
          acknowledgesNothingMore(wal);
          holds(Scene.killed(disk), options, 3, 3);
          holds(Scene.powerCut(disk), options, 3, 3);
        }
      }
    }
  }

  @Test
  void batchOfSeveralWritesThatEndsInAnyOfThemIsWholeOrAbsent() throws IOException {
    int failed = 0;
    for (int write = 1; write <= 16; write++) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Wal.open(disk, Host.system(), LARGE);
      Logs.append(wal, 1, 3);
      Logs.awaitSpares(wal);
      disk.faults().tear(write, 100_000, new IOException("EIO"));
      try (wal) {
        wal.append(batch(30, 100_000)); // more than staging: straight from the batch
      } catch (WalFailedException e) {
        failed++;
      } catch (WalFullException e) {
        assertThat(e).hasRootCauseMessage("EIO"); // met while its segment was prepared
      }
      disk.faults().clear();
      holds(Scene.killed(disk), LARGE, 3, 30);
      holds(Scene.powerCut(disk), LARGE, 3, 30);
    }
    assertThat(failed).isGreaterThanOrEqualTo(3);
  }

  @Test
  void logThatIsReopenedAfterwardsNeverWritesBehindTheTornBytes() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    WalOptions options = small(SyncPolicy.fdatasync());
    Wal wal = Wal.open(disk, new FakeHost(1), options);
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    disk.faults().tear(1, 100, new StorageFullException("ENOSPC", null));
    assertThatThrownBy(() -> wal.append(batch(3, 50))).isInstanceOf(WalFailedException.class);
    disk.faults().clear();
    try (Wal again = wal.reopen()) {
      assertThat(again.recovery().discardedTo()).isEqualTo(6); // the header of the batch is whole
      assertThat(again.append(Logs.record(7))).isEqualTo(7);
      assertThat(again.segments()).hasSize(2);
    }
    wal.close();
    holds(Scene.killed(disk), options, 3, 1);
  }
}
