package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.leveldb.LogLayout;
import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each call to the disk fails once, in every place where it is made. Whoever was acknowledged
/// keeps what was synced; after the first failure nobody is acknowledged any more; nothing stays
/// open.
class FaultTest {
  private static final LevelDbOptions SMALL =
      LevelDbOptions.builder()
          .writeBufferBytes(1024)
          .maxFileBytes(1024)
          .blockBytes(128)
          .reuseLogs(true)
          .warnings(warning -> {})
          .build();

  /// What was acknowledged as synced.
  private final SortedMap<byte[], byte[]> synced = Contents.sorted();

  private boolean failed;

  /// Opens twice, writes, flushes, merges, closes; stops at the first failure.
  private void live(SimulatedDisk disk, Random random) {
    for (int life = 0; life < 2 && !failed; life++) {
      try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
        write(db, random, life);
      } catch (IOException e) {
        failed = true;
      }
    }
  }

  private void write(LevelDb db, Random random, int life) throws IOException {
    SortedMap<byte[], byte[]> pending = Contents.sorted();
    try {
      for (int i = 0; i < 40; i++) {
        // Written once, so it holds this or nothing.
        byte[] key = {(byte) random.nextInt(60), (byte) i, (byte) life};
        byte[] value = new byte[random.nextInt(100)];
        random.nextBytes(value);
        boolean sync = random.nextInt(3) == 0;
        db.put(key, value, new WriteOptions(sync));
        pending.put(key, value);
        if (sync) {
          synced.putAll(pending);
          pending.clear();
        }
      }
      db.compact();
      synced.putAll(pending);
    } catch (LevelDbFailedException e) {
      failed = true;
      assertThatThrownBy(() -> db.put(new byte[] {1}, new byte[] {2}))
          .as("the first failure is final")
          .isInstanceOf(LevelDbFailedException.class);
      throw e;
    }
  }

  private void assertSyncedIsThere(SimulatedDisk disk, String where) throws IOException {
    try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
      for (var entry : synced.entrySet()) {
        assertThat(db.get(entry.getKey())).as(where).isEqualTo(entry.getValue());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Faults.Operation.class,
      names = {
        "WRITE",
        "SYNC",
        "CREATE",
        "OPEN",
        "RENAME",
        "DELETE",
        "SYNC_DIRECTORY",
        "LIST",
        "READ",
        "SIZE",
        "CLOSE",
        "TRUNCATE",
        "LOCK"
      })
  void eachCallFailsOnce(Faults.Operation operation) throws IOException {
    int places = 0;
    for (int n = 1; ; n++) {
      SimulatedDisk disk = new SimulatedDisk();
      disk.faults().failedSyncsForget();
      disk.faults().fail(operation, n, new IOException("simulated"));
      synced.clear();
      failed = false;
      live(disk, new Random(n));
      if (disk.faults().met(operation) < n) {
        break;
      }
      places++;
      String where = operation + " " + n;
      assertThat(disk.openFiles()).as(where).isZero();
      assertThat(failed || isHarmless(operation)).as("%s is told", where).isTrue();
      assertSyncedIsThere(disk.crash(Crash.losingUnsynced()), where);
      assertSyncedIsThere(disk.crash(Crash.random(n)), where);
      disk.faults().clear();
      assertSyncedIsThere(disk, where);
    }
    assertThat(places).as("%s has places to fail in", operation).isPositive();
  }

  /// A file that was only read may fail to close without harm, one that nobody needs to go away,
  /// and the zeros at the end of a log, too.
  private static boolean isHarmless(Faults.Operation operation) {
    return switch (operation) {
      case DELETE, CLOSE, TRUNCATE -> true;
      default -> false;
    };
  }

  @Test
  void zerosThatCannotBeCutOffAreNoFailure() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
      db.put(new byte[] {1}, new byte[100], WriteOptions.SYNCED);
      disk.faults().fail(Faults.Operation.TRUNCATE, 1, new IOException("simulated"));
    }
    assertThat(disk.faults().met(Faults.Operation.TRUNCATE)).isEqualTo(1);
    try (LevelDb again = LevelDb.openQuiet(disk.crash(Crash.losingUnsynced()), SMALL)) {
      assertThat(again.get(new byte[] {1})).hasSize(100);
    }
  }

  @Test
  void fullDiskIsToldAndOpensAgainOnceThereIsRoom() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb db = LevelDb.openQuiet(disk, SMALL);
    db.put(new byte[] {1}, new byte[100], WriteOptions.SYNCED);
    disk.capacity(disk.usedBytes() + 50);
    // What fills the block that is there already is more than this, and no more than that.
    byte[] large = new byte[LogLayout.BLOCK_BYTES];
    assertThatThrownBy(() -> db.put(new byte[] {2}, large, WriteOptions.SYNCED))
        .isInstanceOf(LevelDbFailedException.class)
        .hasCauseInstanceOf(StorageFullException.class)
        .hasMessageContaining("open it again");
    assertThat(db.get(new byte[] {1})).hasSize(100);
    db.close();
    disk.capacity(Long.MAX_VALUE);
    try (LevelDb again = LevelDb.openQuiet(disk, SMALL)) {
      assertThat(again.get(new byte[] {1})).hasSize(100);
      assertThat(again.get(new byte[] {2})).isNull();
      again.put(new byte[] {3}, new byte[100], WriteOptions.SYNCED);
    }
    try (LevelDb again = LevelDb.openQuiet(disk, SMALL)) {
      assertThat(again.get(new byte[] {3})).hasSize(100);
    }
  }
}
