package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 17: the machine stops while the manifest or a checkpoint is replaced.
@Timeout(60)
class CrashAtManifestTest {
  private static final String MANIFEST = "manifest";
  private static final int[] SLOTS = {0, 4096};
  private static final int SLOT_BYTES = 256;

  private static byte[] snapshot(long lsn) {
    byte[] bytes = new byte[70_000]; // two pieces
    Arrays.fill(bytes, (byte) lsn);
    return bytes;
  }

  private static void work(Wal wal) throws IOException {
    Logs.append(wal, 1, 20);
    wal.rotate();
    Logs.append(wal, 21, 40);
    for (int lsn : new int[] {10, 30, 40}) {
      wal.checkpoint(lsn, target -> target.write(snapshot(lsn)));
    }
    wal.truncateBefore(25);
    wal.rotate();
    Logs.append(wal, 41, 41);
  }

  private static List<Moment> moments() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Moments moments = new Moments(disk);
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), Logs.SMALL)) {
      work(wal);
      moments.end();
    }
    return moments.all();
  }

  // One checkpoint of those that were taken, whole, with every record behind it.
  private static long consistent(SimulatedDisk left, String place) throws IOException {
    try (Wal wal = Scene.open(left)) {
      assertThat(wal.recovery().damagedCheckpoint()).as(place).isEmpty();
      long lsn = wal.checkpoint().map(Checkpoint::lsn).orElse(0L);
      assertThat(lsn).isIn(0L, 10L, 30L, 40L);
      if (lsn > 0) {
        try (InputStream in = wal.checkpoint().orElseThrow().open()) {
          assertThat(in.readAllBytes()).isEqualTo(snapshot(lsn));
        }
      }
      List<String> records = Logs.read(wal);
      long last = wal.recovery().lastLsn();
      assertThat(records).as(place).isEqualTo(Logs.expected(last - records.size() + 1, last));
      assertThat(last - records.size()).isLessThanOrEqualTo(lsn);
      assertThat(left.list()).doesNotContain("manifest.tmp");
      assertThat(left.list().stream().filter(name -> name.startsWith("checkpoint-")))
          .hasSize(lsn > 0 ? 1 : 0);
      return lsn;
    }
  }

  @Test
  void exactlyOneManifestAndOneCheckpointHoldAfterACrashAtAnyStep() throws IOException {
    long newest = 0;
    for (Moment moment : moments()) {
      List<SimulatedDisk> crashes = moment.crashes(4);
      for (int i = 0; i < crashes.size(); i++) {
        long lsn = consistent(crashes.get(i), moment.operation() + ", crash " + i);
        if (i == 1) { // what is durable never goes back
          assertThat(lsn).isGreaterThanOrEqualTo(newest);
          newest = lsn;
        }
      }
    }
    assertThat(newest).isEqualTo(40);
  }

  @Test
  void slotTornAtAnyByteLeavesTheOther() throws IOException {
    int torn = 0;
    byte[] before = new byte[8192];
    for (Moment moment : moments()) {
      if (!moment.operation().startsWith("write " + MANIFEST + " ")) {
        continue;
      }
      byte[] after = moment.disk().bytes(MANIFEST);
      for (int slot : SLOTS) {
        for (int cut = 0; cut < SLOT_BYTES; cut += 5) {
          byte[] bytes = after.clone();
          System.arraycopy(before, slot + cut, bytes, slot + cut, SLOT_BYTES - cut);
          if (!Arrays.equals(bytes, after) && before[slot] + before[4096 - slot] != 0) {
            SimulatedDisk left = Scene.powerCut(moment.disk());
            left.replace(MANIFEST, bytes);
            consistent(left, moment.operation() + ", cut at " + cut);
            torn++;
          }
        }
      }
      before = after;
    }
    assertThat(torn).isGreaterThan(100);
  }

  @Test
  void copyOfTheManifestInItsOwnOtherSlotChangesNothing() throws IOException {
    Moment last = moments().getLast();
    for (int slot : SLOTS) { // written to the wrong slot: the other generation is lost
      SimulatedDisk left = Scene.killed(last.disk());
      byte[] bytes = left.bytes(MANIFEST);
      System.arraycopy(bytes, slot, bytes, 4096 - slot, SLOT_BYTES);
      left.replace(MANIFEST, bytes);
      assertThat(consistent(left, "slot " + slot)).isEqualTo(40);
    }
  }
}
