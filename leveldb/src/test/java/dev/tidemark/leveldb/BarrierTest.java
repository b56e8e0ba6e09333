package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls behind which everything before is durable, whoever wrote it.
class BarrierTest {
  private static final byte[] KEY = "key".getBytes(US_ASCII);
  private static final LevelDbOptions DEFAULTS = LevelDbOptions.defaults();

  @Test
  void anEmptySyncedBatchMakesDurableWhatWasWrittenBefore() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb db = LevelDb.openQuiet(disk, DEFAULTS);
    db.put(KEY, KEY, WriteOptions.BUFFERED);
    db.write(new WriteBatch(), WriteOptions.SYNCED);
    try (LevelDb found = LevelDb.openQuiet(disk.crash(Crash.losingUnsynced()), DEFAULTS)) {
      assertThat(found.get(KEY)).isEqualTo(KEY);
    }
    db.close();
    assertThatThrownBy(() -> db.write(new WriteBatch(), WriteOptions.SYNCED))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aLogThatIsGoneOnWithIsDurableOnceTheStoreIsOpen() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb db = LevelDb.openQuiet(disk, DEFAULTS);
    db.put(KEY, KEY, WriteOptions.BUFFERED);
    SimulatedDisk killed = disk.crash(Crash.keepingAll());
    LevelDb again = LevelDb.openQuiet(killed, LevelDbOptions.builder().reuseLogs(true).build());
    assertThat(again.get(KEY)).isEqualTo(KEY);
    try (LevelDb found = LevelDb.openQuiet(killed.crash(Crash.losingUnsynced()), DEFAULTS)) {
      assertThat(found.get(KEY)).isEqualTo(KEY);
    }
  }

  /// A write that is synced comes into the next log while the one before is not in a table yet.
  @Test
  @Timeout(60)
  void aFullLogIsDurableBeforeTheNextOneIsUsed() throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDbOptions small = LevelDbOptions.builder().writeBufferBytes(1 << 10).build();
    CountDownLatch crashed = new CountDownLatch(1);
    try (LevelDb db = LevelDb.open(disk, small)) {
      Thread writer = Thread.currentThread();
      disk.faults()
          .before(
              Faults.Operation.SYNC,
              () -> {
                if (!Thread.currentThread().equals(writer)) { // the background, with a table
                  awaitUninterrupted(crashed);
                }
              });
      db.put(KEY, new byte[2_000], WriteOptions.BUFFERED);
      db.put(new byte[] {1}, new byte[1], WriteOptions.SYNCED);
      SimulatedDisk cut = disk.crash(Crash.losingUnsynced());
      crashed.countDown();
      assertThat(disk.fileNames()).as("a second log").contains("000004.log");
      try (LevelDb found = LevelDb.openQuiet(cut, DEFAULTS)) {
        assertThat(found.get(new byte[] {1})).hasSize(1);
        assertThat(found.get(KEY)).hasSize(2_000);
      }
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aStrayNameThatCountsTooFarDoesNotUseUpTheNumbers() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb.openQuiet(disk, DEFAULTS).close();
    disk.replace("999999999999999998.dbtmp", new byte[0]);
    for (int open = 0; open < 3; open++) {
      try (LevelDb db = LevelDb.openQuiet(disk, DEFAULTS)) {
        db.put(KEY, KEY);
        assertThat(db.store().versions().manifestNumber()).isLessThan(100);
      }
    }
  }

  @Test
  void aLogThatCountsTooFarIsRefusedByName() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb.openQuiet(disk, DEFAULTS).close();
    disk.replace("999999999999999998.log", new byte[0]);
    assertThatThrownBy(() -> LevelDb.openQuiet(disk, DEFAULTS))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageStartingWith("999999999999999998.log counts further");
  }
}
