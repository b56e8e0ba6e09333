package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 36: under async the power fails, and of the writes that no sync has made durable any
/// are on the disk and any are not.
@Timeout(60)
class LostEarlyWriteTest {
  private static final WalOptions ASYNC = Logs.small(Scene.ASYNC);
  private static final int UNSYNCED = 7;

  // Every choice of the unsynced frames; what is lost shows what stood there before.
  private static void everySubset(SimulatedDisk disk, long durable) throws IOException {
    Remains whole = new Remains(Scene.killed(disk));
    String name = whole.newest();
    List<Frame> frames = whole.frames(name);
    List<Frame> unsynced =
        frames.stream().filter(f -> f.firstLsn() > durable && f.lastLsn() >= f.firstLsn()).toList();
    assertThat(unsynced).hasSize(UNSYNCED);
    byte[] synced = disk.durableBytes(name);
    long first = frames.getFirst().firstLsn();
    for (int lost = 1; lost < 1 << UNSYNCED; lost++) {
      Remains log = new Remains(Scene.powerCut(disk));
      byte[] bytes = whole.storage.bytes(name);
      long last = durable;
      boolean gap = false;
      long seen = durable;
      for (int i = 0; i < UNSYNCED; i++) {
        Frame frame = unsynced.get(i);
        int from = (int) frame.offset();
        if (((lost >> i) & 1) == 1) {
          System.arraycopy(synced, from, bytes, from, (int) frame.bytes());
          gap = true;
        } else {
          seen = frame.lastLsn();
          last = gap ? last : frame.lastLsn();
        }
      }
      log.storage.replace(name, bytes);
      assertThat(Follow.read(log.storage)).hasSize((int) (durable - first + 1));
      SimulatedDisk again;
      try (Wal wal = log.open(ASYNC)) {
        assertThat(wal.recovery().lastLsn()).as("lost %x", lost).isEqualTo(last);
        assertThat(wal.recovery().discardedFrom()).isEqualTo(seen > last ? last + 1 : 0);
        assertThat(wal.recovery().discardedTo()).isEqualTo(seen > last ? seen : 0);
        assertThat(wal.appendDurable(Logs.record(0))).isEqualTo(seen + 1);
        again = Scene.powerCut(log.storage);
      }
      try (Wal wal = Scene.open(again, ASYNC)) {
        assertThat(Logs.read(wal))
            .hasSize((int) (last - first + 2))
            .endsWith((seen + 1) + ":record 0");
      }
    }
  }

  @Test
  void whatIsBeforeTheGapIsThereAndTheRestIsReported() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk, ASYNC)) {
      Logs.append(wal, 1, 3);
      wal.sync();
      Scene.awaitMark(disk);
      Logs.append(wal, 4, 7);
      wal.append(new Batch().add(Logs.record(8)).add(Logs.record(9)));
      Logs.append(wal, 10, 11);
      everySubset(disk, 3);
    }
  }

  @Test
  void theSameInAFileThatHadAnotherLife() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk, ASYNC)) {
      Scene.reachRecycled(wal, disk);
      long first = wal.lastLsn() + 1;
      Logs.append(wal, (int) first, (int) first + 1);
      wal.sync();
      Scene.awaitMark(disk);
      Logs.append(wal, (int) first + 2, (int) first + 1 + UNSYNCED);
      everySubset(disk, first + 1);
    }
  }

  @Test
  void nothingThatAStrongerAppendHadSyncedIsEverAmongTheLost() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk, ASYNC)) {
      Logs.append(wal, 1, 4);
      wal.appendDurable(Logs.record(5));
      Scene.awaitMark(disk);
      String name = new Remains(disk).newest();
      long end = new Remains(disk).end(name);
      Logs.append(wal, 6, 9);
      byte[] synced = disk.durableBytes(name);
      byte[] bytes = disk.bytes(name);
      assertThat(Arrays.mismatch(synced, bytes)).isGreaterThanOrEqualTo((int) end - 64); // the mark
      Scene.holdsAndGoesOn(Scene.powerCut(disk), ASYNC, Logs.expected(1, 5));
    }
  }
}
