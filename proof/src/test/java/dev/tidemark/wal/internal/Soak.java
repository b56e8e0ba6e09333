package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.PruneBy;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log at full rate for a long time, with everything that comes and goes under way: segments that
/// fill, age and are removed, a subscription that acknowledges, checkpoints, cursors that open and
/// close, and a reader beside it all. Heap, handles, threads and files must not grow.
///
/// Not part of the build; `./mvnw -Psoak verify -pl core` runs it, for `soak.seconds`.
class Soak {
  private static final long SECONDS = Long.getLong("soak.seconds", 600);
  private static final int SAMPLES = 30;
  private static final int SAMPLES_BEFORE = 3; // what it takes to get warm
  private static final long MOST_BEHIND =
      200_000; // records; then appenders wait for the subscriber
  private static final int SNAPSHOT_BYTES = 1 << 20;

  @TempDir Path directory;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped; // set once
  private volatile long ackedLsn; // written by the subscriber
  private volatile long followedLsn; // written by the follower
  private volatile long overtaken; // written by the follower
  private volatile long checkpoints; // written by whoever takes them

  private interface Body {
    void run() throws Exception;
  }

  @Test
  void nothingGrows() throws Exception {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(8 << 20)
            .rotationAge(Duration.ofSeconds(2))
            .pruneBy(PruneBy.SUBSCRIPTIONS)
            .build();
    Usage before = Usage.of(directory, 0);
    List<Usage> samples = new ArrayList<>();
    try (Wal wal = Wal.open(directory, options);
        Subscription subscription = wal.subscribe("soak")) {
      List<Thread> threads = start(wal, subscription);
      sample(wal, samples);
      stopped = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
    Usage after = Usage.of(directory, 0);
    UsageTable table = new UsageTable(samples.subList(SAMPLES_BEFORE, samples.size()));
    System.out.print(table);
    System.out.printf(
        "%d records, %d checkpoints, the reader was overtaken %d times; before: %s; after: %s%n",
        ackedLsn, checkpoints, overtaken, before, after);
    assertThat(failure.get()).isNull();
    table.checkNothingGrew();
    assertThat(after.handles())
        .as("handles once it is closed")
        .isLessThanOrEqualTo(before.handles() + 2);
    assertThat(after.threads())
        .as("threads once it is closed")
        .isLessThanOrEqualTo(before.threads() + 2);
  }

  private void sample(Wal wal, List<Usage> samples) {
    long start = System.nanoTime();
    long minute = 0;
    for (int i = 1; i <= SAMPLES && failure.get() == null; i++) {
      long until = start + Duration.ofSeconds(SECONDS).toNanos() / SAMPLES * i;
      while (System.nanoTime() - until < 0 && failure.get() == null) {
        LockSupport.parkNanos(50_000_000);
      }
      Usage usage = Usage.of(directory, wal.lastLsn());
      samples.add(usage);
      long seconds = (System.nanoTime() - start) / 1_000_000_000;
      if (seconds / 60 > minute || i == 1) {
        minute = seconds / 60;
        System.out.printf(
            "%4d s: %s, %d behind the subscriber, %d behind the reader, %d times overtaken%n",
            seconds, usage, wal.lastLsn() - ackedLsn, wal.lastLsn() - followedLsn, overtaken);
      }
    }
  }

  // ---- what goes on

  private List<Thread> start(Wal wal, Subscription subscription) {
    return List.of(
        start("append", () -> wal.append(record(wal.lastLsn(), 200))),
        start("append", () -> wal.append(record(wal.lastLsn(), 1000))),
        start("burst", () -> burst(wal)),
        start("batch", () -> batch(wal)),
        startOnce("subscriber", () -> subscribe(wal, subscription)),
        start("checkpoints", () -> checkpoint(wal)),
        start("cursors", () -> readALittle(wal)),
        startOnce("reader", this::follow));
  }

  private Thread start(String name, Body body) {
    return startOnce(
        name,
        () -> {
          while (!stopped) {
            body.run();
          }
        });
  }

  private Thread startOnce(String name, Body body) {
    return Thread.ofPlatform()
        .name("soak-" + name)
        .start(
            () -> {
              try {
                body.run();
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
                stopped = true;
              }
            });
  }

  private void burst(Wal wal) throws IOException {
    CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
    for (int i = 0; i < 256; i++) {
      last = wal.appendAsync(MemorySegment.ofArray(record(i, 100)));
    }
    long _ = last.join();
    while (wal.lastLsn() - ackedLsn > MOST_BEHIND && !stopped) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void batch(Wal wal) throws IOException {
    Batch batch = new Batch();
    for (int i = 0; i < 40; i++) {
      batch.add(record(i, 10_000)); // several frames
    }
    wal.append(batch);
    LockSupport.parkNanos(20_000_000);
  }

  private static byte[] record(long seed, int bytes) {
    byte[] record = new byte[bytes];
    ByteBuffer.wrap(record).putLong(seed);
    return record;
  }

  private void subscribe(Wal wal, Subscription subscription) throws Exception {
    long last = subscription.acked();
    while (!stopped) {
      if (subscription.next(Duration.ofMillis(10))) {
        assertThat(subscription.lsn()).isEqualTo(last + 1);
        last++;
      }
      if (last - ackedLsn >= 5000 || last == wal.durableLsn()) {
        subscription.ack(last);
        ackedLsn = last;
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void checkpoint(Wal wal) throws IOException {
    byte[] snapshot = new byte[SNAPSHOT_BYTES];
    var _ = wal.checkpoint(ackedLsn, target -> target.write(snapshot));
    checkpoints++;
    LockSupport.parkNanos(500_000_000);
  }

  private void readALittle(Wal wal) throws IOException {
    try (Cursor cursor = wal.read(Math.max(wal.firstLsn(), ackedLsn))) {
      for (int i = 0; i < 100 && cursor.next(); i++) {
        assertThat(cursor.payload().byteSize()).isPositive();
      }
    } catch (LsnGoneException _) {
      // Removed between the question and the answer.
    }
    LockSupport.parkNanos(10_000_000);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void follow() throws Exception {
    try (WalReader reader = Wal.openReadOnly(directory)) {
      long next = 1;
      while (!stopped) {
        try (Cursor cursor = reader.read(next)) {
          while (!stopped) {
            if (cursor.next(Duration.ofMillis(100))) {
              assertThat(cursor.lsn()).isEqualTo(next);
              followedLsn = next++;
            }
          }
        } catch (LsnGoneException e) {
          next = e.firstAvailable();
          overtaken++;
        }
      }
    }
  }
}
