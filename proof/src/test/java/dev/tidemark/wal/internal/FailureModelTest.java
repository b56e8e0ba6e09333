package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a log does when its storage fails: it takes nothing more, tells everybody, and ends.
@Timeout(60)
class FailureModelTest {
  private final IOException broken = new IOException("broken");

  private final SimulatedDisk storage = new SimulatedDisk();

  private Wal open() throws IOException {
    return Wal.open(storage, new FakeHost(1), Logs.SMALL);
  }

  @Test
  void failedSyncWakesEveryWaiterWithTheCauseAndIsNeverRetried() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    storage.holdSyncs();
    List<CompletableFuture<Throwable>> waiters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] record = new byte[] {(byte) i};
      waiters.add(
          CompletableFuture.supplyAsync(
              () -> catchThrowable(() -> wal.append(record)), Thread.ofPlatform()::start));
    }
    storage.awaitHeldSyncs(1);
    while (wal.lastLsn() < 7) {
      Thread.onSpinWait();
    }
    CompletableFuture<Long> future = wal.appendAsync(MemorySegment.ofArray(new byte[] {9}));
    storage.faults().failForEver(Faults.Operation.SYNC, 1, broken);
    storage.clearOperations();
    storage.releaseSyncs();

    for (CompletableFuture<Throwable> waiter : waiters) {
      assertThat(waiter.get(10, TimeUnit.SECONDS))
          .isInstanceOf(WalFailedException.class)
          .hasRootCause(broken);
    }
    assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::rotate).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.truncateBefore(2)).isInstanceOf(WalFailedException.class);
    assertThat(wal.durableLsn()).isEqualTo(3);
    assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    assertThat(storage.operations()).filteredOn(o -> o.startsWith("sync")).hasSize(1);
  }

  @Test
  void nothingAcknowledgedIsLostIfAFailedSyncForgetsAndThePowerFails() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, 1, broken);
    assertThatThrownBy(() -> wal.append(Logs.record(4))).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    try (Wal after = Logs.open(storage.crash(Crash.losingUnsynced()))) {
      assertThat(Logs.read(after)).isEqualTo(Logs.expected(1, 3));
    }
  }

  @Test
  void waitersForDurabilityAreWokenWithTheCause() throws Exception {
    Wal wal = Wal.open(storage, new FakeHost(1), Remains.NEVER_SYNCED);
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    storage.faults().fail(Faults.Operation.SYNC, 1, broken);
    assertThatThrownBy(() -> wal.awaitDurable(2)).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.awaitDurableBeyond(3, Duration.ofHours(1)))
        .isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  @Test
  void hangingSyncLetsCloseReturnInItsBoundAndKeepsTheLock() throws Exception {
    Wal wal = LocalWal.open(storage, Host.system(), Logs.SMALL, Duration.ofMillis(80).toNanos());
    Logs.append(wal, 1, 1);
    Logs.awaitSpares(wal);
    storage.holdSyncs();
    CompletableFuture<Long> future = wal.appendAsync(MemorySegment.ofArray(Logs.record(2)));
    storage.awaitHeldSyncs(1);
    assertThatThrownBy(wal::close).isInstanceOf(IOException.class).hasMessageContaining("answer");
    assertThatThrownBy(this::open).isInstanceOf(dev.tidemark.wal.WalLockedException.class);
    assertThat(future).isNotDone();
    storage.releaseSyncs();
    assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    wal.close();
    try (Wal after = open()) {
      assertThat(Logs.read(after)).isEqualTo(Logs.expected(1, 2));
    }
  }

  @Test
  void rotationThatFailsTellsWhoAskedForIt() throws Exception {
    for (Faults.Operation call :
        List.of(Faults.Operation.SYNC, Faults.Operation.WRITE, Faults.Operation.OPEN)) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL);
      Logs.append(wal, 1, 1);
      Logs.awaitSpares(wal);
      disk.faults().failForEver(call, 1, broken); // once might meet the next spare instead
      assertThatThrownBy(wal::rotate).isInstanceOf(WalFailedException.class).hasRootCause(broken);
      assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
      disk.faults().clear();
      try (Wal after = Logs.open(disk)) {
        assertThat(Logs.read(after)).isEqualTo(Logs.expected(1, 1));
      }
    }
  }

  @Test
  void rotationAskedOfAClosingLogIsRefused() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 1);
    wal.close();
    assertThatThrownBy(wal::rotate).isInstanceOf(IllegalStateException.class);
  }

  // ---- every call, at its every occurrence

  @Test
  void everyCallThatFailsOnceLeavesALogThatOpensAgainWithEverythingAcknowledged() throws Exception {
    int runs = 0;
    for (Faults.Operation call : Faults.Operation.values()) {
      for (int n = 1; failed(call, n, false); n++) {
        runs++;
      }
      for (int n = 1; failed(call, n, true); n++) {
        runs++;
      }
    }
    System.out.println("failure model: " + runs + " runs with one kind of call failing");
    assertThat(runs).isGreaterThan(100);
  }

  @Test
  void everyTornWriteLeavesALogThatOpensAgainWithEverythingAcknowledged() throws Exception {
    for (int n = 1; n < 60; n++) {
      SimulatedDisk disk = new SimulatedDisk();
      disk.faults().tear(n, 70, broken);
      survive(disk, "torn write " + n);
    }
  }

  // Answers whether the call was reached.
  private static boolean failed(Faults.Operation call, int n, boolean forEver) throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    IOException marked = new IOException(call + " " + n);
    if (forEver) {
      disk.faults().failForEver(call, n, marked);
    } else {
      disk.faults().fail(call, n, marked);
    }
    disk.faults().failedSyncsForget();
    survive(disk, marked.getMessage() + (forEver ? " for ever" : ""));
    return n < 40 && disk.faults().met(call) >= n;
  }

  private static void survive(SimulatedDisk disk, String what) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet(); // of tests that hold a disk up
    Sent sent = new Sent();
    AtomicInteger completions = new AtomicInteger();
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    Throwable failure = catchThrowable(() -> work(disk, sent, futures, completions));
    if (failure != null && !(failure instanceof IOException)) {
      throw new AssertionError(what, failure);
    }
    assertThat(futures).as(what).allMatch(CompletableFuture::isDone);
    assertThat(completions).as(what).hasValue(futures.size());
    assertThat(Thread.getAllStackTraces().keySet())
        .as(what)
        .noneMatch(thread -> thread.getName().startsWith("tidemark-") && !before.contains(thread));
    disk.faults().clear();
    Sent.Known known = sent.known();
    try {
      SimulatedDisk cut = disk.crash(Crash.losingUnsynced());
      try (Wal wal = Wal.open(cut, new FakeHost(2), Logs.SMALL)) {
        sent.check(wal, known);
      }
      try (Wal wal = Wal.open(disk, new FakeHost(2), Logs.SMALL)) {
        sent.check(wal, known);
      }
    } catch (IOException | AssertionError e) {
      throw new AssertionError(what, e);
    }
  }

  private static void work(
      SimulatedDisk disk, Sent sent, List<CompletableFuture<Long>> futures, AtomicInteger completed)
      throws IOException {
    try (Wal wal = Wal.open(disk, Host.system(), Logs.SMALL)) {
      work(wal, sent, futures, completed);
    }
  }

  private static void work(
      Wal wal, Sent sent, List<CompletableFuture<Long>> futures, AtomicInteger completed)
      throws IOException {
    sent.append(wal, 10);
    sent.appendBatch(wal, 3, 40);
    for (int i = 0; i < 4; i++) {
      futures.add(sent.appendAsync(wal, 300));
      var _ = futures.getLast().whenComplete((lsn, error) -> completed.incrementAndGet());
    }
    sent.appendBatch(wal, 20, 100);
    wal.rotate();
    sent.append(wal, 800);
    sent.truncateBefore(wal, 5);
    for (int i = 0; i < 5; i++) {
      sent.append(wal, 700);
    }
  }

  @Test
  void everyCallThatFailsOnceLeavesALogThatIsReopenedWithEverythingAcknowledged() throws Exception {
    int reopened = 0;
    for (Faults.Operation call : Faults.Operation.values()) {
      for (int n = 1; n < 40; n++) {
        reopened += reopened(call, n) ? 1 : 0;
      }
    }
    System.out.println("failure model: " + reopened + " logs reopened");
    assertThat(reopened).isGreaterThan(20);
  }

  private static boolean reopened(Faults.Operation call, int n) throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    disk.faults().failedSyncsForget();
    String what = call + " " + n;
    Sent sent = new Sent();
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    AtomicInteger completions = new AtomicInteger();
    Wal wal = Wal.open(disk, Host.system(), Logs.SMALL);
    disk.faults().fail(call, n, new IOException(what));
    Throwable failure = catchThrowable(() -> work(wal, sent, futures, completions));
    disk.faults().clear();
    if (!wal.metrics().failed()) {
      wal.close();
      return false;
    }
    assertThat(failure).as(what).isInstanceOf(IOException.class);
    Sent.Known known = sent.known();
    try (Wal again = wal.reopen()) {
      assertThat(futures).as(what).allMatch(CompletableFuture::isDone);
      assertThat(completions).as(what).hasValue(futures.size());
      long last = sent.check(again, known);
      try (Wal cut = Logs.open(disk.crash(Crash.losingUnsynced()))) {
        assertThat(sent.check(cut, known.atLeast(last))).as(what).isEqualTo(last);
      }
      assertThat(again.append(new byte[9])).as(what).isGreaterThan(last);
    } catch (IOException | AssertionError e) {
      throw new AssertionError(what, e);
    }
    wal.close();
    Logs.open(disk).close();
    return true;
  }
}
