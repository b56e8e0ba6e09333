package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Faults;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.MemoryStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A batch too large for staging, whose segment is prepared long before its turn comes.
@Timeout(30)
class ReferenceOrderTest {
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();

  private final MemoryStorage memory = new MemoryStorage();
  private final HookedStorage storage = new HookedStorage(memory);

  @Test
  void segmentsActivatedBetweenItsPreparationAndItsTurnDoNotComeAfterIt() throws Exception {
    Batch batch = new Batch();
    for (int i = 0; i < 300; i++) {
      batch.add(Logs.record(i));
    }
    ConcurrentSkipListSet<Long> lsns = new ConcurrentSkipListSet<>();
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      while (wal.metrics().files().spares() < Spares.WANTED) {
        Thread.onSpinWait();
      }
      storage.hold();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        threads.add(start(() -> lsns.add(wal.append(new byte[600]))));
      }
      for (Thread thread : threads) {
        awaitParked(thread); // one is written, one is staged, the others wait in turn for room
      }
      Thread large = start(() -> lsns.add(wal.append(batch)));
      long files = memory.list().size();
      while (memory.list().stream().filter(name -> name.endsWith(".wal")).count() < 4) {
        Thread.onSpinWait(); // active, two spares, and the batch's own
      }
      awaitParked(large);
      assertThat(files).isGreaterThanOrEqualTo(4);
      storage.open();
      for (Thread thread : threads) {
        thread.join();
      }
      large.join();
      wal.append(Logs.record(1));
      assertThat(lsns).hasSize(41);
      assertThat(Logs.read(wal)).hasSize(341);
    }
    try (Wal wal = Wal.open(memory, Host.system(), OPTIONS)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.SEALED);
      assertThat(Logs.read(wal)).hasSize(341);
    }
  }

  @Test
  void failureElsewhereDoesNotGiveItBackWhileItIsBeingWritten() throws Exception {
    Batch batch = new Batch();
    for (int i = 0; i < 300; i++) {
      batch.add(Logs.record(i));
    }
    CompletableFuture<Void> appending = new CompletableFuture<>();
    Wal wal = Wal.open(storage, Host.system(), OPTIONS);
    Logs.append(wal, 1, 3);
    storage.hold();
    Thread large =
        start(
            () -> {
              try {
                wal.append(batch);
                appending.complete(null);
              } catch (IOException e) {
                appending.completeExceptionally(e);
              }
            });
    storage.awaitHeld(); // in the header of its segment: the batch is yet to be read
    memory.faults().fail(Faults.Call.WRITE, 1, new IOException("pulled"));
    assertThatThrownBy(() -> wal.truncateBefore(2)).isInstanceOf(IOException.class);
    assertThat(large.join(Duration.ofMillis(300))).isFalse();
    storage.open();
    large.join();
    assertThat(appending).isCompletedExceptionally();
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  private interface Appending {
    void run() throws IOException;
  }

  private static Thread start(Appending body) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                body.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }
}
