package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Everything at once on the smallest segments, then a close in the middle of it: whatever was
/// acknowledged is there once, with the LSN its appender was told.
@Timeout(120)
class CommitStressTest {
  private static final long RUN_NANOS = 2_000_000_000L;
  private static final int PLATFORM_THREADS = 16;
  private static final int VIRTUAL_THREADS = 64;

  private final Map<Long, String> acknowledged = new ConcurrentHashMap<>();
  private final Map<Long, String> tailed = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @ValueSource(strings = {"fdatasync", "async"})
  void whatWasAcknowledgedIsThereOnce(String policy) throws Exception {
    long seed = new SplittableRandom().nextLong();
    System.out.println("CommitStressTest " + policy + " seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .maxBatchBytes(1 << 20)
            .sync(
                policy.equals("async")
                    ? SyncPolicy.async(Duration.ofMillis(5))
                    : SyncPolicy.fdatasync())
            .build();
    SimulatedDisk storage = new SimulatedDisk();
    Wal wal = Wal.open(storage, Host.system(), options);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < PLATFORM_THREADS + VIRTUAL_THREADS; i++) {
      SplittableRandom own = random.split();
      String name = "w" + i;
      Runnable body = () -> guarded(() -> write(wal, name, own));
      threads.add(
          i < PLATFORM_THREADS ? Thread.ofPlatform().start(body) : Thread.ofVirtual().start(body));
    }
    Cursor first = wal.read(1);
    threads.add(Thread.ofPlatform().start(() -> guarded(() -> tail(first, tailed))));
    threads.add(Thread.ofVirtual().start(() -> guarded(() -> disturb(wal, random.split()))));
    long until = System.nanoTime() + RUN_NANOS;
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    wal.close();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(surprises).isEmpty();
    long left;
    try (Wal again = Wal.open(storage, Host.system(), options);
        Cursor cursor = again.read()) {
      left = again.firstLsn();
      assertThat(again.recovery().cutBytes()).isZero();
      while (cursor.next()) {
        String text = new String(cursor.bytes(), UTF_8);
        String before = tailed.put(cursor.lsn(), text);
        assertThat(before == null || before.equals(text)).isTrue();
      }
    }
    assertThat(acknowledged).hasSizeGreaterThan(100);
    // Once the cursor was closed with the log, the next open removed what the owner had given up.
    acknowledged.keySet().removeIf(lsn -> lsn < left && !tailed.containsKey(lsn));
    assertThat(tailed).containsAllEntriesOf(acknowledged);
    assertThat(new HashSet<>(tailed.values())).hasSameSizeAs(tailed.entrySet());
  }

  private interface Body {
    void run() throws Exception;
  }

  private void guarded(Body body) {
    try {
      body.run();
    } catch (IllegalStateException e) {
      if (!String.valueOf(e.getMessage()).contains("closed")) {
        surprises.add(e);
      }
    } catch (Throwable e) {
      surprises.add(e);
    }
  }

  private void write(Wal wal, String name, SplittableRandom random) throws IOException {
    for (int n = 0; ; n++) {
      String text = name + " " + n + " " + "x".repeat(random.nextInt(300));
      switch (random.nextInt(20)) {
        case 0 -> batch(wal, text, 2 + random.nextInt(3));
        case 1 -> batch(wal, text, 20 + random.nextInt(100));
        case 2, 3, 4 -> {
          var _ =
              wal.appendAsync(MemorySegment.ofArray(text.getBytes(UTF_8)))
                  .thenAccept(lsn -> acknowledge(lsn, text));
        }
        case 5 -> {
          long lsn = wal.append(text.getBytes(UTF_8));
          acknowledge(lsn, text);
          assertThat(wal.sync()).isGreaterThanOrEqualTo(lsn);
        }
        default -> acknowledge(wal.append(text.getBytes(UTF_8)), text);
      }
    }
  }

  private void batch(Wal wal, String text, int records) throws IOException {
    Batch batch = new Batch();
    for (int i = 0; i < records; i++) {
      batch.add((text + "/" + i).getBytes(UTF_8));
    }
    long last = wal.append(batch);
    for (int i = 0; i < records; i++) {
      acknowledge(last - records + 1 + i, text + "/" + i);
    }
  }

  private void acknowledge(long lsn, String text) {
    String other = acknowledged.put(lsn, text);
    if (other != null) {
      surprises.add(new AssertionError("LSN " + lsn + " twice: " + other + ", " + text));
    }
  }

  private static void tail(Cursor cursor, Map<Long, String> seen) throws Exception {
    long last = 0;
    try (cursor) {
      while (true) {
        if (cursor.next(Duration.ofMillis(50))) {
          assertThat(cursor.lsn()).isEqualTo(last + 1);
          last = cursor.lsn();
          seen.put(last, new String(cursor.bytes(), UTF_8));
        }
      }
    }
  }

  private static void disturb(Wal wal, SplittableRandom random) throws Exception {
    while (true) {
      switch (random.nextInt(3)) {
        case 0 -> wal.rotate();
        case 1 -> wal.truncateBefore(Math.max(1, wal.durableLsn() - random.nextInt(50)));
        default -> {
          try (Cursor cursor = wal.read(wal.durableLsn() + 1)) {
            boolean _ = cursor.next(Duration.ofMillis(5));
          } catch (dev.tidemark.wal.LsnGoneException _) {
            // Truncated between the two calls.
          }
        }
      }
    }
  }
}
