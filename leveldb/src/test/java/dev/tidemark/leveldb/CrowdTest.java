package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/// Writers, readers, snapshots, cursors, flushes, merges and readers of the directory, all at once
/// and as the threads come, until the store is closed under them, or loses its power; then the next
/// one opens what is left.
///
/// Every answer is held against what its keys' writer began and was told ([CrowdOwner]). A read
/// sees what was acknowledged before it, and nothing older than a read before it did; a cursor, a
/// snapshot and a reader of the directory see one moment of each writer, with whole batches. What
/// was acknowledged is there after a close, what was synced, and all that was acknowledged before
/// that, after a power cut.
///
/// `-Dcrowd.rounds=` makes it longer, `-Dcrowd.seed=` repeats the choices, though not how threads
/// meet.
@Timeout(
    value = 20,
    unit = java.util.concurrent.TimeUnit.MINUTES,
    threadMode = ThreadMode.SEPARATE_THREAD)
final class CrowdTest {
  private static final int ROUNDS = Integer.getInteger("crowd.rounds", 10);
  private static final int OWNERS = 4;

  @TempDir private Path folder;

  private final AtomicLongArray durable = new AtomicLongArray(OWNERS);
  private final List<CrowdOwner> owners = new ArrayList<>();
  private SimulatedDisk disk = new SimulatedDisk();
  private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
  private volatile boolean ending;
  private Semaphore steps = new Semaphore(0);

  @Test
  void everyAnswerIsOneThatTheWritersAllow() throws Exception {
    long seed = Long.getLong("crowd.seed", new Random().nextInt(1_000_000));
    System.out.printf("crowd: %d rounds, seed %d%n", ROUNDS, seed);
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(seed * 1_000_003 + round);
      boolean onDisk = round % 8 == 7;
      if (round % 8 == 0) {
        disk = new SimulatedDisk();
      }
      if (onDisk || round % 8 == 0) {
        begin();
      }
      try {
        round(random, onDisk, folder.resolve("db" + round));
      } catch (Throwable e) {
        throw new AssertionError("round " + round + " of seed " + seed, e);
      }
    }
  }

  private void begin() {
    owners.clear();
    for (int i = 0; i < OWNERS; i++) {
      durable.set(i, 0);
      owners.add(new CrowdOwner(i, durable));
    }
  }

  private LevelDbOptions options(Random random) {
    return LevelDbOptions.builder()
        .writeBufferBytes(1 << (10 + random.nextInt(random.nextInt(4) == 0 ? 9 : 5)))
        .maxFileBytes(1 << (10 + random.nextInt(4)))
        .blockBytes(1 << (6 + random.nextInt(5)))
        .blockCacheBytes(random.nextInt(3) * 4096L)
        .maxOpenTables(1 + random.nextInt(4))
        .reuseLogs(random.nextBoolean())
        .warnings(this::told)
        .build();
  }

  /// A kill, a close and the loss of all that was not synced leave nothing that is damaged.
  private void told(String warning) {
    found(new AssertionError(warning));
  }

  private void round(Random random, boolean onDisk, Path directory) throws Exception {
    Storage storage = onDisk ? FileStorage.open(directory, "LOCK") : disk;
    SimulatedDisk before = disk;
    LevelDb db = LevelDb.open(storage, options(random));
    for (CrowdOwner owner : owners) {
      owner.recovered(db, owner.durable());
    }
    ending = false;
    steps = new Semaphore(0);
    List<Thread> crowd = crowd(db, random, onDisk ? directory : null);
    steps.acquire(100 + random.nextInt(1500));
    ending = true;
    boolean crash = !onDisk && random.nextInt(3) == 0;
    long[] synced = owners.stream().mapToLong(CrowdOwner::durable).toArray();
    if (crash) {
      disk = disk.crash(random.nextBoolean() ? Crash.losingUnsynced() : Crash.keepingAll());
    }
    Thread other = Thread.ofPlatform().start(() -> run(db::close));
    db.close();
    for (Thread thread : crowd) {
      thread.join();
    }
    other.join();
    Throwable wrong = error.get();
    if (wrong != null) {
      throw new AssertionError(wrong);
    }
    assertThat(before.openFiles()).isZero();
    for (CrowdOwner owner : owners) {
      durable.set(owner.number, crash ? synced[owner.number] : owner.acknowledged());
    }
    if (onDisk) { // others open what they find in the next round
      try (LevelDb again = LevelDb.open(directory, options(random))) {
        for (CrowdOwner owner : owners) {
          owner.recovered(again, owner.durable());
        }
      }
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  private List<Thread> crowd(LevelDb db, Random random, @Nullable Path directory) {
    List<Thread> crowd = new ArrayList<>();
    for (CrowdOwner owner : owners) {
      Random mine = new Random(random.nextLong());
      crowd.add(
          forEver(
              () -> {
                owner.step(db, mine.nextInt(12) == 0, owners);
                steps.release();
              }));
    }
    for (int i = 0; i < 2; i++) {
      Random mine = new Random(random.nextLong());
      crowd.add(forEver(() -> owners.get(mine.nextInt(OWNERS)).readOne(db, mine.nextInt(4))));
    }
    Random mine = new Random(random.nextLong());
    crowd.add(forEver(() -> holdSnapshot(db)));
    crowd.add(
        forEver(
            () -> {
              long[] before = acknowledged();
              walk(db.cursor(), before);
            }));
    crowd.add(forEver(() -> tend(db, mine, directory)));
    return crowd;
  }

  private Thread forEver(Action action) {
    return Thread.ofPlatform()
        .start(
            () -> {
              boolean goesOn = true;
              while (goesOn) {
                goesOn = run(action);
              }
            });
  }

  /// {@return whether there is more to come}
  private boolean run(Action action) {
    try {
      action.run();
      return error.get() == null;
    } catch (IllegalStateException e) {
      if (!ending) {
        found(e);
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      found(e);
    }
    return false;
  }

  private void found(Throwable e) {
    error.compareAndSet(null, e);
    steps.release(1_000_000);
  }

  private long[] acknowledged() {
    return owners.stream().mapToLong(CrowdOwner::acknowledged).toArray();
  }

  private long[] lastSteps(CrowdOwner.Source source, long[] atLeast) throws IOException {
    long[] found = new long[OWNERS];
    for (CrowdOwner owner : owners) {
      found[owner.number] = owner.lastStep(source);
      owner.checkMoment(found[owner.number], atLeast[owner.number]);
    }
    return found;
  }

  private void holdSnapshot(LevelDb db) throws IOException {
    long[] before = acknowledged();
    try (Snapshot snapshot = db.snapshot()) {
      long[] found = lastSteps(key -> db.get(key, snapshot), before);
      for (int again = 0; again < 5; again++) {
        Thread.onSpinWait();
        if (!Arrays.equals(lastSteps(key -> db.get(key, snapshot), before), found)
            || !Arrays.equals(walk(db.cursor(snapshot), before), found)) {
          throw new AssertionError("a snapshot has changed");
        }
      }
    }
  }

  private long[] walk(KeyCursor cursor, long[] before) throws IOException {
    Map<byte[], byte[]> keys = Contents.sorted();
    try (cursor) {
      byte @Nullable [] last = null;
      while (cursor.next()) {
        byte[] key = cursor.key();
        if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
          throw new AssertionError("keys do not ascend");
        }
        last = key;
        keys.put(key, cursor.value());
      }
    }
    return lastSteps(keys::get, before);
  }

  private void tend(LevelDb db, Random random, @Nullable Path directory) throws IOException {
    switch (random.nextInt(12)) {
      case 0 -> db.compact();
      case 1, 2 -> db.flush();
      case 3, 4 -> {
        if (!ending) {
          readBeside(directory);
        }
      }
      default -> Thread.onSpinWait();
    }
    db.snapshot().close(); // notices that the store is closed
  }

  private void readBeside(@Nullable Path directory) throws IOException {
    long[] before = acknowledged();
    try (LevelDbReader reader = LevelDbReader.open(beside(directory), this::told)) {
      long[] found = lastSteps(reader::get, before);
      if (!Arrays.equals(walk(reader.cursor(), before), found)) {
        throw new AssertionError("a reader has changed");
      }
    } catch (NoSuchFileException allowed) {
      // A table that was merged meanwhile.
    } catch (CorruptLevelDbException e) {
      if (!String.valueOf(e.getMessage()).contains("missing files")) { // merged, each time
        throw e;
      }
    }
  }

  private Storage beside(@Nullable Path directory) throws IOException {
    if (directory != null) {
      return FileStorage.openReadOnly(directory);
    }
    return new ForwardingStorage(disk) {
      @Override
      public void close() {} // the lock is the store's
    };
  }
}
