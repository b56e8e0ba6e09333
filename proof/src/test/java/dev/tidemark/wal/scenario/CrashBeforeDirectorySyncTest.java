package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 15: a file was made or renamed, and its name is not durable when the power fails.
@Timeout(60)
class CrashBeforeDirectorySyncTest {

  // From nothing to several segments, made, filled, truncated and recycled.
  private static void work(Wal wal, Moments moments) throws IOException {
    for (int n = 1; n <= 60; n++) {
      moments.acknowledged(wal.append(Logs.record(n)));
      if (n % 15 == 0) {
        wal.rotate();
        Logs.awaitSpares(wal);
      }
    }
    wal.subscribe("reader", 20).close();
    wal.checkpoint(30, target -> target.write(new byte[10]));
    moments.acknowledged(wal.append(Logs.record(61)));
  }

  private static void holds(SimulatedDisk left, long acknowledged, String place)
      throws IOException {
    try (Wal wal = Scene.open(left)) {
      List<String> records = Logs.read(wal);
      long first = wal.firstLsn();
      assertThat(first).isLessThanOrEqualTo(20); // where the subscription stands
      assertThat(records).isEqualTo(Logs.expected(first, first + records.size() - 1));
      assertThat(first + records.size()).as(place).isGreaterThan(acknowledged);
    }
  }

  @Test
  void nothingIsAcknowledgedInAFileWhoseNameMayVanish() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Moments moments = new Moments(disk);
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), Logs.SMALL)) {
      work(wal, moments);
    }
    assertThat(moments.all()).hasSizeGreaterThan(50);
    for (Moment moment : moments.all()) {
      for (SimulatedDisk left : moment.crashes(3)) {
        holds(left, moment.acknowledged(), moment.operation());
      }
    }
  }

  @Test
  void directorySyncThatFailsIsNeverPassedOver() throws IOException {
    for (int n = 1; n < 12; n++) {
      SimulatedDisk disk = new SimulatedDisk();
      disk.faults().failForEver(Faults.Operation.SYNC_DIRECTORY, n, new IOException("no sync"));
      Moments moments = new Moments(disk);
      try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), Logs.SMALL)) {
        for (int i = 1; i <= 120; i++) {
          moments.acknowledged(wal.append(Logs.record(i)));
        }
      } catch (IOException refused) {
        assertThat(refused).isNotNull(); // no space without a durable name, or a failed log
      }
      moments.end();
      for (Moment moment : moments.all().subList(moments.all().size() - 1, moments.all().size())) {
        SimulatedDisk left = Scene.powerCut(moment.disk());
        holds(left, moment.acknowledged(), "directory sync " + n);
      }
    }
  }
}
