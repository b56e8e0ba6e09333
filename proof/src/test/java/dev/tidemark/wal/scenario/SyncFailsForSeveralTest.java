package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 12: a sync fails for which many wait, in every way there is to wait.
@Timeout(60)
class SyncFailsForSeveralTest {
  private final IOException broken = new IOException("EIO");
  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<CompletableFuture<Throwable>> waiters = new ArrayList<>();

  private void waits(boolean virtual, ThrowingCallable call) {
    CompletableFuture<Throwable> waiter = new CompletableFuture<>();
    waiters.add(waiter);
    Runnable body = () -> waiter.complete(catchThrowable(call));
    Thread _ = virtual ? Thread.ofVirtual().start(body) : Thread.ofPlatform().start(body);
  }

  private void eachIsToldTheCauseAndNothingWasCalledDurable(Wal wal, long durable)
      throws Exception {
    for (CompletableFuture<Throwable> waiter : waiters) {
      assertThat(waiter.get(20, TimeUnit.SECONDS))
          .isInstanceOf(WalFailedException.class)
          .hasRootCause(broken);
    }
    assertThat(wal.durableLsn()).isEqualTo(durable);
    assertThat(catchThrowable(wal::close)).isInstanceOf(WalFailedException.class);
    Scene.holdsAndGoesOn(Scene.powerCut(disk), Logs.expected(1, durable));
  }

  @Test
  void everybodyIsToldTheCauseOnce() throws Exception {
    WalOptions roomy = WalOptions.builder().segmentBytes(4096).stagingBytes(4096).build();
    Wal wal = Wal.open(disk, new FakeHost(1), roomy);
    Logs.append(wal, 1, 3);
    Logs.awaitSpares(wal);
    disk.faults().failedSyncsForget();
    disk.holdSyncs();
    waits(false, () -> wal.append(Logs.record(4))); // its sync hangs, and then fails
    disk.awaitHeldSyncs(1);
    for (int i = 0; i < 3; i++) { // the group behind it
      waits(false, () -> wal.append(Logs.record(5)));
      waits(true, () -> wal.append(Logs.record(5)));
      waits(true, () -> wal.append(new Batch().add(Logs.record(5))));
    }
    while (wal.lastLsn() < 13) {
      Thread.onSpinWait();
    }
    waits(false, wal::sync);
    waits(false, () -> wal.awaitDurable(13));
    waits(true, () -> wal.awaitDurableBeyond(12, Duration.ofHours(1)));
    waits(false, wal::rotate);
    waits(true, () -> wal.checkpoint(13, target -> {}));
    Cursor cursor = wal.read(4);
    waits(false, () -> cursor.next(Duration.ofHours(1)));
    AtomicInteger completions = new AtomicInteger();
    CompletableFuture<Long> future = wal.appendAsync(MemorySegment.ofArray(Logs.record(6)));
    CompletableFuture<Throwable> told =
        future.handle(
            (_, error) -> {
              completions.incrementAndGet();
              return error;
            });
    waiters.add(told);
    disk.faults().failForEver(Faults.Operation.SYNC, 1, broken);
    disk.releaseSyncs();
    eachIsToldTheCauseAndNothingWasCalledDurable(wal, 3);
    assertThat(completions).hasValue(1);
    cursor.close();
  }

  @Test
  void underAsyncWhoeverWaitsForDurabilityIsToldTheCause() throws Exception {
    Wal wal = Wal.open(disk, new FakeHost(1), Logs.small(Scene.ASYNC));
    Logs.append(wal, 1, 3);
    wal.sync();
    Logs.append(wal, 4, 9);
    Logs.awaitSpares(wal);
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, 1, broken);
    for (int i = 4; i <= 9; i++) {
      int lsn = i;
      waits(i % 2 == 0, () -> wal.awaitDurable(lsn));
    }
    waits(true, () -> wal.awaitDurableBeyond(8, Duration.ofHours(1)));
    eachIsToldTheCauseAndNothingWasCalledDurable(wal, 3);
  }
}
