package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// At every call to the disk, while it is used, recovers, flushes and merges, the power is cut or
/// the process killed. Whatever is left opens, and holds every write that was acknowledged as
/// synced.
class CrashTest {
  private static final int KEYS = 12;

  @TempDir private Path folder;

  /// What a run of a store was told and what it acknowledged.
  private static final class Books {
    /// What the store holds after so many writes.
    final List<SortedMap<byte[], byte[]>> states = new ArrayList<>();

    /// How many writes survive whatever happens.
    int synced;

    Books() {
      states.add(Contents.sorted());
    }

    /// A write is about to be made, so it may be there.
    void begin(SortedMap<byte[], byte[]> after) {
      states.add(after);
    }

    SortedMap<byte[], byte[]> last() {
      return states.getLast();
    }

    /// A crash that tears nothing apart leaves the state after some write, none before the synced
    /// one.
    void assertIsAState(List<String> found, String where) {
      for (int i = synced; i < states.size(); i++) {
        if (Contents.of(states.get(i)).equals(found)) {
          return;
        }
      }
      throw new AssertionError(
          where
              + ": no state since write "
              + synced
              + " of "
              + (states.size() - 1)
              + " is "
              + found);
    }

    /// A crash that tears leaves of each key what it was when synced, or what it became since.
    void assertHoldsWhatIsSynced(LevelDb db, String where) throws IOException {
      for (int k = 0; k < KEYS; k++) {
        byte[] key = {(byte) k};
        byte[] found = db.get(key);
        boolean allowed = false;
        for (int i = synced; i < states.size() && !allowed; i++) {
          allowed = Arrays.equals(states.get(i).get(key), found);
        }
        assertThat(allowed).as("%s: key %d", where, k).isTrue();
      }
    }
  }

  private static LevelDbOptions options(boolean reuseLogs) {
    return options(1024, reuseLogs);
  }

  private static LevelDbOptions options(int writeBufferBytes, boolean reuseLogs) {
    return LevelDbOptions.builder()
        .writeBufferBytes(writeBufferBytes)
        .maxFileBytes(1024)
        .blockBytes(128)
        .reuseLogs(reuseLogs)
        .warnings(warning -> {})
        .build();
  }

  private static void write(LevelDb db, Books books, Random random) throws IOException {
    write(db, books, random, 100);
  }

  private static void write(LevelDb db, Books books, Random random, int mostValueBytes)
      throws IOException {
    SortedMap<byte[], byte[]> after = Contents.sorted();
    after.putAll(books.last());
    WriteBatch batch = new WriteBatch();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      byte[] key = {(byte) random.nextInt(KEYS)};
      byte[] value = new byte[4 + random.nextInt(mostValueBytes)];
      random.nextBytes(value);
      if (random.nextInt(4) == 0) {
        batch.delete(key);
        after.remove(key);
      } else {
        batch.put(key, value);
        after.put(key, value);
      }
    }
    books.begin(after);
    boolean sync = random.nextInt(3) == 0;
    db.write(batch, new WriteOptions(sync));
    if (sync) {
      books.synced = books.states.size() - 1;
    }
  }

  private int crashes;

  /// Crashes the disk as it is now, each time in another way.
  private void explore(SimulatedDisk disk, Books books, long seed) {
    try {
      for (boolean reuse : new boolean[] {false, true}) {
        String where = "seed " + seed + ", after \"" + disk.lastOperation() + "\", reuse " + reuse;
        survives(
            disk.crash(Crash.losingUnsynced()), books, reuse, true, where + ", all unsynced lost");
        survives(disk.crash(Crash.keepingAll()), books, reuse, true, where + ", killed");
        long fate = seed * 1_000_003 + crashes;
        survives(disk.crash(Crash.random(fate)), books, reuse, false, where + ", fate " + fate);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("seed " + seed + " after " + disk.lastOperation(), e);
    }
  }

  private void survives(SimulatedDisk left, Books books, boolean reuse, boolean whole, String where)
      throws IOException {
    crashes++;
    SimulatedDisk disk = left;
    try (LevelDb db = LevelDb.openQuiet(disk, options(reuse))) {
      if (whole) {
        books.assertIsAState(Contents.of(db.cursor()), where);
      } else {
        books.assertHoldsWhatIsSynced(db, where);
      }
      db.put(new byte[] {99}, new byte[] {1}, WriteOptions.SYNCED);
      disk = disk.crash(Crash.losingUnsynced());
    }
    // What was recovered and what was written behind it is durable now.
    try (LevelDb db = LevelDb.openQuiet(disk, options(reuse))) {
      assertThat(db.get(new byte[] {99})).as(where).isEqualTo(new byte[] {1});
      if (!whole) {
        books.assertHoldsWhatIsSynced(db, where + ", then again");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void everyCrashLeavesWhatWasSynced(long seed) throws IOException {
    Random random = new Random(seed);
    SimulatedDisk disk = new SimulatedDisk();
    Books books = new Books();
    for (int life = 0; life < 3; life++) {
      boolean reuse = random.nextBoolean();
      WatchedStorage watched = new WatchedStorage(disk, () -> explore(disk, books, seed));
      try (LevelDb db = LevelDb.openQuiet(watched, options(reuse))) {
        for (int i = 0; i < 45; i++) {
          write(db, books, random);
        }
        if (random.nextBoolean()) {
          db.compact();
        }
      }
    }
    assertThat(crashes).as("there was something to crash").isGreaterThan(1000);
  }

  /// After a kill, whatever was under way, LevelDB opens the directory, paranoid, and shows what we
  /// show.
  @Test
  void levelDbOpensWhatAKillLeavesAtEveryStep() throws IOException {
    RealLevelDb.assume("that LevelDB opens what a kill leaves of our files");
    Random random = new Random(9);
    SimulatedDisk disk = new SimulatedDisk();
    Books books = new Books();
    int[] steps = new int[1];
    for (int life = 0; life < 2; life++) {
      WatchedStorage watched = new WatchedStorage(disk, () -> compare(disk, books, steps));
      try (LevelDb db = LevelDb.openQuiet(watched, options(life == 1))) {
        for (int i = 0; i < 60; i++) {
          write(db, books, random);
        }
        db.compact();
      }
    }
    assertThat(steps[0]).isGreaterThan(300);
  }

  /// Records that lie across pages and blocks, over zeros and at the end.
  @Test
  void levelDbOpensWhatAKillLeavesOfLargeRecords() throws IOException {
    RealLevelDb.assume("that LevelDB opens what a kill leaves of large records of ours");
    Random random = new Random(10);
    SimulatedDisk disk = new SimulatedDisk();
    Books books = new Books();
    int[] steps = new int[1];
    WatchedStorage watched = new WatchedStorage(disk, () -> compare(disk, books, steps));
    try (LevelDb db = LevelDb.openQuiet(watched, options(256 << 10, false))) {
      for (int i = 0; i < 150; i++) {
        write(db, books, random, random.nextInt(10) == 0 ? 20_000 : 3_000);
      }
    }
    assertThat(steps[0]).isGreaterThan(300);
  }

  private void compare(SimulatedDisk disk, Books books, int[] steps) {
    if (!disk.fileNames().contains("CURRENT") || steps[0]++ % 6 != 0) {
      return;
    }
    try {
      Path directory = folder.resolve("step");
      Contents.copy(disk.crash(Crash.keepingAll()), directory);
      List<String> found = RealLevelDb.dump(directory, "paranoid", "nocreate");
      books.assertIsAState(found, "LevelDB after " + disk.lastOperation());
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
