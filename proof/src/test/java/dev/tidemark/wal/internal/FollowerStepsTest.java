package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Readers that look after every step a writer makes, between the pieces of its writes too, while
/// it appends, rotates, truncates, closes, is killed and recovers.
@Timeout(300)
class FollowerStepsTest {
  private static final int SEEDS = Integer.getInteger("tidemark.follower.seeds", 12);
  private static final int LIVES = 6;

  private final Map<Long, byte[]> acknowledged = new HashMap<>();
  private long appended;

  @Test
  void eachRecordIsShownOnceAndForEverAtWhateverStepOneLooks() throws Exception {
    run(SyncPolicy.fdatasync());
  }

  @Test
  void eachRecordIsShownOnceAndForEverUnderAsync() throws Exception {
    run(SyncPolicy.async(Duration.ofHours(1)));
  }

  private void run(SyncPolicy sync) throws Exception {
    long first = new Random().nextLong();
    long shown = 0;
    long overtaken = 0;
    for (long seed = first; seed < first + SEEDS; seed++) {
      acknowledged.clear();
      SimulatedDisk storage = new SimulatedDisk();
      try (Watchers watchers = new Watchers(storage, seed)) {
        live(storage, watchers, sync, seed);
        shown += watchers.shown();
        overtaken += watchers.overtaken();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(sync + ", seed " + seed + ": " + storage.list(), e);
      }
    }
    System.out.printf(
        "follower steps, %s, seeds from %d: %d records shown, %d times overtaken%n",
        sync, first, shown, overtaken);
    assertThat(shown).isGreaterThan(20L * SEEDS);
    assertThat(overtaken).isPositive();
  }

  private void live(SimulatedDisk storage, Watchers watchers, SyncPolicy sync, long seed)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    Host host = new FastHost();
    WalOptions options = Logs.small(sync);
    for (int life = 0; life < LIVES; life++) {
      boolean last = life == LIVES - 1;
      SteppedStorage process = new SteppedStorage(storage, random.nextLong(), watchers::look);
      if (!last && random.nextInt(4) > 0) {
        process.killAfter(random.nextInt(600));
      }
      try (Wal wal = Wal.open(process, host, options)) {
        watchers.check(wal);
        work(wal, random, last ? 60 : 30);
        if (!last && random.nextBoolean()) {
          process.kill();
        }
      } catch (IOException e) {
        if (!process.isKilled()) {
          throw e;
        }
      }
      process.kill(); // whatever thread of it may still be there
      storage.close();
    }
    watchers.checkAllSeen(acknowledged);
    try (Wal wal = Wal.open(storage, host, options)) {
      watchers.check(wal);
    }
  }

  private void work(Wal wal, SplittableRandom random, int operations) throws IOException {
    for (int i = 0; i < operations; i++) {
      switch (random.nextInt(20)) {
        case 0 -> wal.rotate();
        case 1, 2 -> wal.truncateBefore(random.nextLong(wal.firstLsn(), wal.durableLsn() + 2));
        case 3 -> LockSupport.parkNanos(2_000_000); // long enough for a mark
        case 4 -> wal.sync();
        case 5 -> batch(wal, 1 + random.nextInt(5), random.nextInt(50));
        case 6 -> batch(wal, 1 + random.nextInt(60), random.nextInt(100)); // larger than a segment
        default -> {
          byte[] record = record(random.nextInt(random.nextInt(10) == 0 ? 800 : 60));
          long lsn = wal.append(record);
          acknowledged.put(lsn, record);
        }
      }
    }
  }

  private byte[] record(int bytes) {
    byte[] record = new byte[8 + bytes];
    java.nio.ByteBuffer.wrap(record).putLong(appended++);
    for (int i = 8; i < record.length; i++) {
      record[i] = (byte) (appended * 31 + i);
    }
    return record;
  }

  private void batch(Wal wal, int count, int bytes) throws IOException {
    Batch batch = new Batch();
    byte[][] records = new byte[count][];
    for (int i = 0; i < count; i++) {
      records[i] = record(bytes);
      batch.add(records[i]);
    }
    long last = wal.append(batch);
    for (int i = 0; i < count; i++) {
      acknowledged.put(last - count + 1 + i, records[i]);
    }
  }
}
