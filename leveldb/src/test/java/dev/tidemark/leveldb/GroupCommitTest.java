package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.leveldb.BatchReader;
import dev.tidemark.formats.leveldb.LogReader;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Those who write at once share one record and one sync, and nobody is left waiting.
@Timeout(60)
class GroupCommitTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());

  private LevelDb open() throws IOException {
    return LevelDb.openQuiet(
        disk, LevelDbOptions.builder().warnings(warning -> {}).writeBufferBytes(1 << 20).build());
  }

  private Thread writer(LevelDb db, int key, int bytes, boolean sync) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                db.put(new byte[] {(byte) key}, new byte[bytes], new WriteOptions(sync));
              } catch (IOException | RuntimeException e) {
                errors.add(e);
              }
            });
  }

  /// Starts a writer and waits until it is in the queue.
  private Thread waiting(LevelDb db, int key, int bytes, boolean sync) {
    Thread thread = writer(db, key, bytes, sync);
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  /// Lets the first writer hang in its sync, and queues others behind it.
  private List<Thread> queue(LevelDb db, int[] bytes, boolean[] sync) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    disk.holdSyncs();
    threads.add(writer(db, 0, 1, true));
    disk.awaitHeldSyncs(1);
    for (int i = 0; i < bytes.length; i++) {
      threads.add(waiting(db, i + 1, bytes[i], sync[i]));
    }
    return threads;
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /// {@return how many operations each record of the log has}
  private List<Long> records() throws IOException {
    List<Long> counts = new ArrayList<>();
    try (LogReader records =
        new LogReader(new ByteArrayInputStream(disk.bytes("000003.log")), damage -> {})) {
      while (records.next()) {
        counts.add(BatchReader.of(records.payload()).count());
      }
    }
    return counts;
  }

  @Test
  void thoseWhoWaitShareOneRecordAndOneSync() throws IOException, InterruptedException {
    try (LevelDb db = open()) {
      boolean[] sync = {true, false, true, true, false, true, true, true};
      List<Thread> threads = queue(db, new int[] {1, 1, 1, 1, 1, 1, 1, 1}, sync);
      long syncs = disk.faults().met(Faults.Operation.SYNC);
      disk.releaseSyncs();
      join(threads);
      assertThat(records()).containsExactly(1L, 8L);
      assertThat(disk.faults().met(Faults.Operation.SYNC) - syncs)
          .as("that of the first, which counts when it is let go, and one more")
          .isEqualTo(2);
      assertThat(Contents.of(db.cursor())).hasSize(9);
    }
    assertThat(errors).isEmpty();
  }

  @Test
  void whoAsksForASyncNeverJoinsOneWhoDoesNot() throws IOException, InterruptedException {
    try (LevelDb db = open()) {
      boolean[] sync = {false, false, true, false};
      List<Thread> threads = queue(db, new int[] {1, 1, 1, 1}, sync);
      disk.releaseSyncs();
      join(threads);
      assertThat(records()).containsExactly(1L, 2L, 2L);
    }
    assertThat(errors).isEmpty();
  }

  @Test
  void groupsEndAtAMebibyteAndSmallOnesEarlier() throws IOException, InterruptedException {
    try (LevelDb db = open()) {
      boolean[] sync = new boolean[6];
      int[] bytes = {100_000, 100_000, 100_000, 300_000, 900_000, 10};
      List<Thread> threads = queue(db, bytes, sync);
      disk.releaseSyncs();
      join(threads);
      // 100,000 take along 131,072 more; 300,000 alone could take along up to 1 MiB in all.
      assertThat(records()).containsExactly(1L, 2L, 1L, 1L, 2L);
    }
    assertThat(errors).isEmpty();
  }

  @Test
  void failedSyncIsToldToAllWhoWaitAndIsFinal() throws IOException, InterruptedException {
    LevelDb db = open();
    List<Thread> threads = queue(db, new int[] {1, 1, 1}, new boolean[] {true, false, true});
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("simulated"));
    disk.releaseSyncs();
    join(threads);
    assertThat(errors)
        .hasSize(4)
        .allSatisfy(
            error ->
                assertThat(error)
                    .isInstanceOf(LevelDbFailedException.class)
                    .hasMessageContaining("simulated")
                    .hasMessageContaining("open it again"));
    assertThat(errors.stream().distinct()).hasSize(4); // a stack trace of its own for each
    assertThat(Contents.of(db.cursor())).isEmpty();
    db.close();
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void interruptEndsNoWriteAndIsKept() throws IOException, InterruptedException {
    try (LevelDb db = open()) {
      AtomicInteger kept = new AtomicInteger();
      disk.holdSyncs();
      Thread first = writer(db, 0, 1, true);
      disk.awaitHeldSyncs(1);
      Thread second =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      db.put(new byte[] {1}, new byte[] {1});
                      kept.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
                    } catch (IOException e) {
                      errors.add(e);
                    }
                  });
      while (second.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      second.interrupt();
      disk.releaseSyncs();
      first.join();
      second.join();
      assertThat(kept).hasValue(1);
      assertThat(db.get(new byte[] {1})).isNotNull();
    }
    assertThat(errors).isEmpty();
  }

  @Test
  void closeWaitsForThoseBeforeItAndRefusesThoseBehind() throws IOException, InterruptedException {
    LevelDb db = open();
    List<Thread> threads = queue(db, new int[] {1, 1}, new boolean[] {true, true});
    Thread closer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    db.close();
                  } catch (IOException e) {
                    errors.add(e);
                  }
                });
    while (closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    threads.add(waiting(db, 9, 1, true));
    disk.releaseSyncs();
    join(threads);
    closer.join();
    assertThat(errors).hasSize(1).first().isInstanceOf(IllegalStateException.class);
    assertThat(records()).containsExactly(1L, 2L);
  }

  /// Writers, readers, flushes and merges at once, on threads as they come.
  @Test
  void crowdReadsWhatItWrote() throws IOException, InterruptedException {
    LevelDbOptions small =
        LevelDbOptions.builder().writeBufferBytes(8 << 10).maxFileBytes(4 << 10).build();
    int threads = 8;
    int rounds = 400;
    try (LevelDb db = LevelDb.open(disk, small)) {
      List<Thread> crowd = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int mine = t;
        crowd.add(Thread.ofPlatform().start(() -> run(db, mine, rounds)));
      }
      join(crowd);
      assertThat(errors).isEmpty();
    }
    try (LevelDb db = LevelDb.open(disk, small)) {
      for (int t = 0; t < threads; t++) {
        assertThat(db.get(new byte[] {(byte) t, 0}))
            .isEqualTo(db.get(new byte[] {(byte) t, 1}))
            .startsWith((byte) (rounds >>> 8), (byte) rounds);
      }
    }
  }

  /// Two keys are always written together, so every cursor shows them equal.
  private void run(LevelDb db, int mine, int rounds) {
    Random random = new Random(mine);
    try {
      for (int i = 1; i <= rounds; i++) {
        byte[] value = new byte[2 + random.nextInt(100)];
        value[0] = (byte) (i >>> 8);
        value[1] = (byte) i;
        WriteBatch batch = new WriteBatch();
        batch.put(new byte[] {(byte) mine, 0}, value).put(new byte[] {(byte) mine, 1}, value);
        db.write(batch, new WriteOptions(random.nextInt(4) == 0));
        if (!Arrays.equals(db.get(new byte[] {(byte) mine, 0}), value)) {
          throw new AssertionError("own write not read: " + mine + ", " + i);
        }
        if (i % 20 == 0) {
          checkPairs(db);
        }
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      errors.add(e);
    }
  }

  private static void checkPairs(LevelDb db) throws IOException {
    try (KeyCursor cursor = db.cursor()) {
      while (cursor.next()) {
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        if (!cursor.next() || cursor.key()[0] != key[0]) {
          throw new AssertionError("half a batch");
        }
        if (!Arrays.equals(cursor.value(), value)) {
          throw new AssertionError("a batch and a half");
        }
      }
    }
  }
}
