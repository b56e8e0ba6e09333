package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Ticks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 32: a sync takes very long while others append, or records come one by one. That it is
/// told while it lasts, `StallTest` shows.
@Timeout(60)
class SlowSyncTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);

  @Test
  void appendersWaitForRoomAndMemoryStaysBounded() throws Exception {
    try (Wal wal = Wal.open(disk, host, Logs.SMALL)) {
      Logs.awaitSpares(wal);
      disk.holdSyncs();
      AtomicInteger staged = new AtomicInteger();
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      Thread appender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int n = 1; n <= 100; n++) {
                        futures.add(wal.appendAsync(MemorySegment.ofArray(Logs.record(n))));
                        staged.incrementAndGet();
                      }
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      disk.awaitHeldSyncs(1);
      host.advance(Duration.ofSeconds(30));
      while (appender.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(staged).hasValueLessThan(40); // what staging holds, and what is being synced
      assertThat(wal.durableLsn()).isZero();
      assertThat(futures.subList(0, staged.get())).noneMatch(CompletableFuture::isDone);
      disk.releaseSyncs();
      appender.join();
      assertThat(futures.getLast().get(20, TimeUnit.SECONDS)).isEqualTo(100);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 100));
    }
  }

  @Test
  void loneRecordIsDurableAtOnce() throws IOException {
    try (Wal wal = Wal.open(disk, host, Logs.SMALL)) { // a clock that stands still
      for (int n = 1; n <= 20; n++) {
        wal.append(Logs.record(n));
        assertThat(wal.durableLsn()).isEqualTo(n);
      }
    }
  }

  @Test
  void trickleUnderAsyncIsSyncedWithinItsDelayWithoutMoreRecordsComing() throws Exception {
    SyncPolicy policy = SyncPolicy.async(Duration.ofMillis(200));
    try (Wal wal = Wal.open(disk, host, Logs.small(policy))) {
      Logs.awaitSpares(wal);
      for (int n = 1; n <= 10; n++) {
        wal.append(Logs.record(n));
        assertThat(wal.durableLsn()).isEqualTo(n - 1);
        host.advance(Duration.ofMillis(100)); // half of it
        try (Ticks _ = new Ticks(host)) {
          while (wal.durableLsn() < n) {
            Thread.onSpinWait();
          }
        }
      }
    }
  }

  @Test
  void acksStopUnderAsyncOnceTheOldestUnsyncedIsAsOldAsTheDelay() throws Exception {
    SyncPolicy policy = SyncPolicy.async(Duration.ofMillis(200));
    try (Wal wal = Wal.open(disk, host, Logs.small(policy))) {
      Logs.awaitSpares(wal);
      disk.holdSyncs();
      assertThat(wal.appendAsync(MemorySegment.ofArray(Logs.record(1)))).isDone();
      host.advance(Duration.ofMillis(100));
      try (Ticks _ = new Ticks(host)) {
        disk.awaitHeldSyncs(1);
      }
      host.advance(Duration.ofSeconds(30));
      CompletableFuture<Long> late = wal.appendAsync(MemorySegment.ofArray(Logs.record(2)));
      assertThat(late).isNotDone();
      disk.releaseSyncs();
      assertThat(late.get(20, TimeUnit.SECONDS)).isEqualTo(2);
    }
  }
}
