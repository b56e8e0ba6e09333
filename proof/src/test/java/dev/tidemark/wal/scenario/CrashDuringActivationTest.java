package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 40: the machine stops between each two steps of going from one segment to the next.
@Timeout(60)
class CrashDuringActivationTest {
  private static final WalOptions ASYNC = Logs.small(Scene.ASYNC);

  private interface Change {
    void of(Wal wal, Moments moments) throws IOException;
  }

  // Records 1 to 5, durable; a change of segments; and what it acknowledges.
  private static void survives(WalOptions options, boolean recycled, Change change)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Moments moments = new Moments(disk);
    long before;
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), options)) {
      if (recycled) {
        Scene.reachRecycled(wal, disk);
      }
      before = wal.lastLsn();
      Logs.append(wal, (int) before + 1, (int) before + 5);
      wal.sync();
      moments.acknowledged(before + 5);
      change.of(wal, moments);
      moments.end();
    }
    int checked = 0;
    for (Moment moment : moments.all()) {
      if (moment.acknowledged() == 0) {
        continue;
      }
      for (SimulatedDisk left : moment.crashes(4)) {
        int proven = Follow.read(left).size();
        try (Wal wal = Scene.open(left, options)) {
          List<String> found = Logs.read(wal);
          long last = wal.recovery().lastLsn();
          assertThat(found).as(moment.operation()).isEqualTo(Logs.expected(before + 1, last));
          assertThat(last).as(moment.operation()).isGreaterThanOrEqualTo(moment.acknowledged());
          assertThat(found.size()).isGreaterThanOrEqualTo(proven);
          long next = wal.appendDurable(Logs.record(0));
          assertThat(next).isGreaterThan(Math.max(last, wal.recovery().discardedTo()));
          found.add(next + ":record 0");
          Scene.holdsAndGoesOn(Scene.powerCut(left), options, found);
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(10);
  }

  private static void rotateAndAppend(Wal wal, Moments moments) throws IOException {
    wal.rotate();
    long next = wal.lastLsn() + 1;
    wal.appendDurable(Logs.record(next));
    moments.acknowledged(next);
  }

  @Test
  void thatWasAskedFor() throws IOException {
    survives(Logs.SMALL, false, CrashDuringActivationTest::rotateAndAppend);
  }

  @Test
  void ofAFileThatHadAnotherLife() throws IOException {
    survives(Logs.SMALL, true, CrashDuringActivationTest::rotateAndAppend);
  }

  @Test
  void underAsyncWithRecordsThatAreNotSynced() throws IOException {
    survives(
        ASYNC,
        false,
        (wal, moments) -> {
          Logs.append(wal, 6, 8);
          rotateAndAppend(wal, moments);
        });
  }

  @Test
  void thatAFullSegmentCauses() throws IOException {
    survives(
        Logs.SMALL,
        false,
        (wal, moments) -> {
          String name = new Remains(moments.disk()).newest();
          while (name.equals(new Remains(moments.disk()).newest())) {
            long next = wal.lastLsn() + 1;
            wal.append(Logs.record(next));
            moments.acknowledged(next);
          }
        });
  }

  @Test
  void thatABatchLargerThanASegmentCauses() throws IOException {
    survives(
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build(),
        false,
        (wal, moments) -> {
          Batch batch = new Batch();
          for (int n = 6; n <= 505; n++) {
            batch.add(Logs.record(n));
          }
          moments.acknowledged(wal.append(batch));
          wal.append(Logs.record(506));
        });
  }
}
