package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupts and full stacks at any moment: they harm neither the log nor what is appended.
@Timeout(60)
class InterruptTest {
  private static final int EACH = 150;

  private final SimulatedDisk storage = new SimulatedDisk();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interruptsAtAnyMomentLoseNothing(boolean uninterruptible) throws Exception {
    long seed = new SplittableRandom().nextLong();
    System.out.println("InterruptTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    if (!uninterruptible) {
      storage.interruptsReachFiles();
    }
    WalOptions options =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();
    AtomicInteger records = new AtomicInteger();
    ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();
    try (Wal wal = Wal.open(storage, Host.system(), options)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        Runnable body =
            () -> {
              try {
                append(wal, records);
              } catch (Throwable e) {
                surprises.add(e);
              }
            };
        threads.add(t < 4 ? Thread.ofPlatform().start(body) : Thread.ofVirtual().start(body));
      }
      while (threads.stream().anyMatch(Thread::isAlive)) {
        threads.get(random.nextInt(threads.size())).interrupt();
        LockSupport.parkNanos(20_000);
      }
      assertThat(surprises).isEmpty();
      assertThat(Logs.read(wal)).hasSize(records.get());
    }
    try (Wal wal = Wal.open(storage, Host.system(), options)) {
      assertThat(Logs.read(wal)).hasSize(records.get());
    }
  }

  private static void append(Wal wal, AtomicInteger records) throws IOException {
    Batch large = new Batch();
    for (int i = 0; i < 60; i++) {
      large.add(Logs.record(i));
    }
    for (int n = 0; n < EACH; n++) {
      switch (n % 25) {
        case 7 -> {
          wal.append(large);
          records.addAndGet(large.count());
        }
        case 13 -> wal.rotate();
        case 19 -> {
          long lsn = wal.appendAsync(MemorySegment.ofArray(Logs.record(n))).join();
          records.incrementAndGet();
          wal.awaitDurable(lsn);
        }
        default -> {
          wal.append(Logs.record(n));
          records.incrementAndGet();
        }
      }
    }
  }

  @Test
  void appendsOnAFullStackOverflowBeforeAnythingIsAssigned() throws Exception {
    AtomicInteger appended = new AtomicInteger();
    try (Wal wal = Logs.open(storage)) {
      Thread deep =
          new Thread(null, () -> descend(wal, Logs.record(1), appended, 0), "deep", 512 << 10);
      deep.start();
      deep.join();
      assertThat(appended.get()).isPositive();
      wal.append(Logs.record(1));
      assertThat(Logs.read(wal)).hasSize(appended.get() + 1);
      assertThat(wal.lastLsn()).isEqualTo(appended.get() + 1);
    }
  }

  // To the end of the stack, then tries an append on each frame of the way back.
  private static void descend(Wal wal, byte[] payload, AtomicInteger appended, int depth) {
    try {
      if (depth < 1_000_000) { // never: the stack is smaller
        descend(wal, payload, appended, depth + 1);
      }
    } catch (StackOverflowError _) {
      // The end.
    }
    if (appended.get() < 300) {
      try {
        wal.append(payload);
        appended.incrementAndGet();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
