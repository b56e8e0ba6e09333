package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Closing from everywhere, at any moment: every future completes exactly once, and nobody is left
/// waiting.
@Timeout(60)
class CloseRaceTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  @Test
  void closeInsideADependentCloses() throws Exception {
    Wal wal = Logs.open(storage);
    CompletableFuture<Void> closed = onAcknowledged(wal, lsn -> close(wal));
    closed.get(10, TimeUnit.SECONDS);
    try (Wal again = Logs.open(storage)) {
      assertThat(Logs.read(again)).isEqualTo(Logs.expected(1, 1));
    }
  }

  @Test
  void closeInsideADependentWhileAnotherThreadClosesDoesNotHoldItUp() throws Exception {
    Wal wal = Logs.open(storage);
    CountDownLatch inDependent = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Void> closed =
        onAcknowledged(
            wal,
            lsn -> {
              inDependent.countDown();
              await(go);
              close(wal);
            });
    inDependent.await();
    Thread closing = Thread.ofPlatform().start(() -> close(wal));
    while (isOpen(wal)) {
      Thread.onSpinWait();
    }
    go.countDown();
    closed.get(10, TimeUnit.SECONDS);
    closing.join();
    Logs.open(storage).close();
  }

  @Test
  void dependentThatNeverReturnsHoldsUpNeitherCloseNorOtherFutures() throws Exception {
    Wal wal = Logs.open(storage);
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch inDependent = new CountDownLatch(1);
    CompletableFuture<Void> stuck =
        onAcknowledged(
            wal,
            lsn -> {
              inDependent.countDown();
              await(never);
            });
    inDependent.await();
    CompletableFuture<Long> other = wal.appendAsync(MemorySegment.ofArray(Logs.record(2)));
    wal.close();
    assertThat(other.getNow(0L)).isEqualTo(2);
    never.countDown();
    stuck.get(10, TimeUnit.SECONDS);
  }

  @Test
  void blockingAppendInsideADependentIsAcknowledged() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      AtomicLong second = new AtomicLong();
      onAcknowledged(wal, lsn -> second.set(append(wal, lsn + 1))).get(10, TimeUnit.SECONDS);
      assertThat(second).hasValue(2);
    }
  }

  @Test
  void rotationOfAClosedLogIsRefusedAsClosed() throws IOException {
    Wal wal = Logs.open(storage);
    wal.close();
    assertThatThrownBy(wal::rotate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> wal.truncateBefore(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everyFutureCompletesOnceHoweverTheLogEnds() throws Exception {
    for (int round = 0; round < 40; round++) {
      boolean fails = round % 2 == 1;
      SyncPolicy sync =
          round % 4 < 2 ? SyncPolicy.fdatasync() : SyncPolicy.async(Duration.ofMillis(2));
      closeUnderLoad(new SimulatedDisk(), sync, fails);
    }
  }

  private static void closeUnderLoad(SimulatedDisk storage, SyncPolicy sync, boolean fails)
      throws Exception {
    Wal wal = Wal.open(storage, dev.tidemark.wal.storage.Host.system(), Logs.small(sync));
    ConcurrentLinkedQueue<CompletableFuture<Long>> futures = new ConcurrentLinkedQueue<>();
    AtomicInteger completions = new AtomicInteger();
    Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      boolean blocking = t % 2 == 0;
      Runnable body =
          () -> {
            try {
              while (true) {
                if (blocking) {
                  acknowledged.add(wal.append(new byte[100]));
                } else {
                  CompletableFuture<Long> future =
                      wal.appendAsync(MemorySegment.ofArray(new byte[100]));
                  futures.add(future);
                  var _ = future.whenComplete((lsn, error) -> completions.incrementAndGet());
                }
              }
            } catch (IOException | IllegalStateException e) {
              // Full: the spares were the first to meet the fault.
              assertThat(e)
                  .isInstanceOfAny(
                      WalFailedException.class,
                      WalFullException.class,
                      IllegalStateException.class);
            }
          };
      threads.add(t < 4 ? Thread.ofPlatform().start(body) : Thread.ofVirtual().start(body));
    }
    while (wal.lastLsn() < 200) {
      Thread.onSpinWait();
    }
    if (fails) {
      storage.faults().failForEver(Faults.Operation.SYNC, 1, new IOException("pulled"));
    }
    List<Thread> closers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      closers.add(Thread.ofPlatform().start(() -> closeQuietly(wal)));
    }
    for (Thread thread : closers) {
      thread.join();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(futures).allMatch(CompletableFuture::isDone);
    assertThat(completions.get()).isEqualTo(futures.size());
    for (CompletableFuture<Long> future : futures) {
      if (!future.isCompletedExceptionally()) {
        assertThat(acknowledged.add(future.join())).as("LSN %s once", future.join()).isTrue();
      }
    }
    if (!fails) {
      try (Wal again = Logs.open(storage)) {
        assertThat(again.lastLsn()).isEqualTo(acknowledged.size());
      }
    }
  }

  // Appends `record 1`; what depends on it runs on the thread of the acknowledgements for sure.
  private CompletableFuture<Void> onAcknowledged(Wal wal, Consumer<Long> dependent)
      throws IOException {
    storage.holdSyncs();
    CompletableFuture<Void> done =
        wal.appendAsync(MemorySegment.ofArray(Logs.record(1))).thenAccept(dependent);
    storage.releaseSyncs();
    return done;
  }

  private static boolean isOpen(Wal wal) {
    try {
      wal.read(1).close();
      return true;
    } catch (IllegalStateException _) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long append(Wal wal, long n) {
    try {
      return wal.append(Logs.record(n));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(Wal wal) {
    try {
      wal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(Wal wal) {
    try {
      wal.close();
    } catch (IOException _) {
      // The log has failed, as it should here.
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
