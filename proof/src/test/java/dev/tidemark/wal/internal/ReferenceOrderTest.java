package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A batch too large for staging, whose segment is prepared long before its turn comes.
@Timeout(30)
class ReferenceOrderTest {
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();

  private final SimulatedDisk memory = new SimulatedDisk();
  private final HookedStorage storage = new HookedStorage(memory);

  @Test
  void segmentsActivatedBetweenItsPreparationAndItsTurnDoNotComeAfterIt() throws Exception {
    Batch batch = batch();
    ConcurrentSkipListSet<Long> lsns = new ConcurrentSkipListSet<>();
    try (Wal wal = Wal.open(storage, Host.system(), OPTIONS)) {
      Logs.awaitSpares(wal);
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
      until(() -> segmentFiles() >= 4); // active, two spares, and the batch's own
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
  void segmentOfABatchThatFitsTheActiveOneAfterAllIsUsedOtherwise() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    boolean _ =
        host.run(
            () -> {
              try (Wal wal = Wal.open(memory, host, OPTIONS)) {
                host.rest(Duration.ofSeconds(1));
                wal.append(new Batch().add(new byte[600]).add(new byte[600]));
                host.rest(Duration.ofMinutes(1));
                assertThat(wal.segments()).hasSize(1);
                assertThat(segmentFiles()).isEqualTo(1 + wal.metrics().files().spares());
              }
              return true;
            });
  }

  // The batch has its segment and waits for room in staging; it is not woken before segments of
  // larger numbers were activated. Then the spares are used up, and while the next one gets its
  // name, the batch's segment takes the number above it.
  @Test
  void spareThatGetsItsNameMeanwhileIsNotActivatedBelowIt() throws Exception {
    Naming naming = new Naming(memory);
    HeldHost host = new HeldHost();
    HookedStorage held = new HookedStorage(naming);
    Batch batch = batch();
    try (Wal wal = Wal.open(held, host, OPTIONS)) {
      Logs.awaitSpares(wal);
      held.hold();
      List<Thread> small = new ArrayList<>();
      small.add(start(() -> wal.append(new byte[10])));
      held.awaitHeld();
      for (int i = 0; i < 30; i++) { // more than staging holds
        small.add(start(() -> wal.append(new byte[10])));
        awaitParked(small.getLast());
      }
      Thread large = start(HeldHost.HELD, () -> wal.append(batch));
      host.awaitHeld();
      held.open();
      for (Thread thread : small) {
        thread.join();
      }
      for (int i = 0; i < 30; i++) {
        wal.append(new byte[600]);
      }
      Logs.awaitSpares(wal);
      naming.hold();
      wal.rotate();
      naming.awaitHeld();
      while (wal.metrics().files().spares() > 0) {
        wal.appendControl(new byte[600]);
      }
      long named = naming.number();
      host.release();
      until(() -> new Remains(memory).manifest().lastNumber() > named);
      naming.release();
      large.join();
      Logs.awaitSpares(wal);
      for (int i = 0; i < 10; i++) {
        wal.append(new byte[600]);
      }
      SimulatedDisk crashed = memory.crash(Crash.losingUnsynced());
      try (Wal again = Wal.open(crashed, Host.system(), OPTIONS)) {
        assertThat(again.recovery().lastLsn()).isEqualTo(wal.lastLsn());
        assertThat(Logs.read(again)).hasSize((int) wal.lastLsn());
      }
    }
  }

  @Test
  void appendThatWaitsForItOnAFullDiskDoesNotHoldItUp() throws Exception {
    FakeHost host = new FakeHost(1);
    Batch batch = batch();
    Measured measured = new Measured(storage);
    try (Wal wal = Wal.open(measured, host, OPTIONS)) {
      Logs.awaitSpares(wal);
      memory.capacity(memory.usedBytes());
      wal.append(new byte[10]);
      measured.times.set(0);
      wal.rotate(); // one spare is left: the reserve, and there is no space for another
      // That was seen before space comes back below, which is for the batch alone.
      until(() -> measured.times.get() > 0);
      assertThat(wal.metrics().files().spares()).isEqualTo(1);
      storage.hold();
      List<Thread> small = new ArrayList<>();
      AtomicInteger refused = new AtomicInteger();
      for (int i = 0; i < 3; i++) { // one is written, one is staged, the other waits for room
        small.add(
            start(
                () -> {
                  try {
                    wal.append(new byte[600]);
                  } catch (WalFullException e) {
                    refused.incrementAndGet();
                  }
                }));
        awaitParked(small.getLast());
      }
      long files = segmentFiles();
      memory.capacity(memory.usedBytes() + 64 * 1024);
      Thread large = start(() -> wal.append(batch));
      until(() -> segmentFiles() > files); // its segment is made, nobody else makes any
      awaitParked(large);
      memory.capacity(memory.usedBytes());
      storage.open();
      assertThat(large.join(Duration.ofSeconds(20))).as("the batch is in").isTrue();
      for (Thread thread : small) {
        thread.join();
      }
      assertThat(wal.lastLsn()).isEqualTo(304 - refused.get());
      storage.open();
    }
  }

  private long segmentFiles() {
    return memory.fileNames().stream().filter(name -> name.endsWith(".wal")).count();
  }

  private static Batch batch() {
    Batch batch = new Batch();
    for (int i = 0; i < 300; i++) {
      batch.add(Logs.record(i));
    }
    return batch;
  }

  @Test
  void failureElsewhereDoesNotGiveItBackWhileItIsBeingWritten() throws Exception {
    Batch batch = batch();
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
    memory.faults().fail(Faults.Operation.WRITE, 1, new IOException("pulled"));
    assertThatThrownBy(() -> wal.truncateBefore(2)).isInstanceOf(IOException.class);
    assertThat(large.join(Duration.ofMillis(300))).isFalse();
    storage.open();
    large.join();
    assertThat(appending).isCompletedExceptionally();
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  /// Holds the thread that prepares spares when one has just got its name.
  private static final class Naming extends ForwardingStorage {
    private final SimulatedDisk storage;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean held;

    Naming(SimulatedDisk storage) {
      super(storage);
      this.storage = storage;
    }

    void hold() {
      gate = new CountDownLatch(1);
    }

    void release() {
      gate.countDown();
    }

    void awaitHeld() {
      until(() -> held);
    }

    /// {@return the largest number that a file has}
    long number() {
      return storage.fileNames().stream()
          .map(SegmentHeader::numberIn)
          .filter(Objects::nonNull)
          .mapToLong(number -> number)
          .max()
          .orElse(0);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      super.rename(from, to);
      if (gate.getCount() > 0 && Thread.currentThread().getName().equals("tidemark-segments")) {
        held = true;
        await(gate);
      }
    }
  }

  /// Counts how often the thread that prepares segments has asked how much space there is.
  private static final class Measured extends ForwardingStorage {
    final AtomicInteger times = new AtomicInteger();

    Measured(Storage inner) {
      super(inner);
    }

    @Override
    public long usableBytes() throws IOException {
      long usable = super.usableBytes();
      if (Thread.currentThread().getName().equals("tidemark-segments")) {
        times.incrementAndGet();
      }
      return usable;
    }
  }

  /// Does not wake one thread that waits for room, until it is told to.
  private static final class HeldHost extends ForwardingHost {
    static final String HELD = "held";

    private final CountDownLatch gate = new CountDownLatch(1);
    private volatile boolean held;

    HeldHost() {
      super(Host.system());
    }

    void awaitHeld() {
      until(() -> held);
    }

    void release() {
      gate.countDown();
    }

    @Override
    public void park(Object blocker, long nanos) {
      if (blocker instanceof Space && Thread.currentThread().getName().equals(HELD)) {
        held = true;
        await(gate);
      }
      super.park(blocker, nanos);
    }
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Condition {
    boolean isMet() throws IOException;
  }

  private static void until(Condition condition) {
    try {
      while (!condition.isMet()) {
        if (Thread.interrupted()) {
          throw new AssertionError("it took too long");
        }
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Appending {
    void run() throws IOException;
  }

  private static Thread start(Appending body) {
    return start("", body);
  }

  private static Thread start(String name, Appending body) {
    return Thread.ofVirtual()
        .name(name)
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
    until(
        () ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
  }
}
