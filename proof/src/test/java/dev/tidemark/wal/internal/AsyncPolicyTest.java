package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Acknowledged before the sync: what a kill keeps, what a power cut takes, and for how long.
@Timeout(60)
class AsyncPolicyTest {
  private static final Duration DELAY = Duration.ofSeconds(10);
  private static final WalOptions ASYNC = Logs.small(SyncPolicy.async(DELAY));

  private final SimulatedDisk storage = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);

  private Wal open() throws IOException {
    return Wal.open(storage, host, ASYNC);
  }

  private static List<String> after(SimulatedDisk left) throws IOException {
    try (Wal wal = Wal.open(left, new FakeHost(2), ASYNC)) {
      return Logs.read(wal);
    }
  }

  private static void awaitDurableLsn(Wal wal, long lsn) {
    while (wal.durableLsn() < lsn) {
      Thread.onSpinWait();
    }
  }

  @Test
  void blockingAppendSurvivesAProcessKill() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      assertThat(wal.durableLsn()).isZero();
      assertThat(after(storage.crash(Crash.keepingAll()))).isEqualTo(Logs.expected(1, 10));
      assertThat(after(storage.crash(Crash.losingUnsynced()))).isEmpty();
    }
  }

  @Test
  void powerCutLosesASuffixAlone() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 5);
      wal.sync();
      Logs.append(wal, 6, 20);
      for (int seed = 0; seed < 200; seed++) {
        List<String> left = after(storage.crash(Crash.random(seed)));
        assertThat(left).as("seed %s", seed).hasSizeBetween(5, 20);
        assertThat(left).isEqualTo(Logs.expected(1, left.size()));
      }
    }
  }

  @Test
  void recordsAreSyncedWhenTheOldestIsHalfTheDelayOld() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 3);
      host.advance(DELAY.dividedBy(2));
      try (Ticks _ = new Ticks(host)) {
        awaitDurableLsn(wal, 3);
      }
      assertThat(after(storage.crash(Crash.losingUnsynced()))).isEqualTo(Logs.expected(1, 3));
    }
  }

  @Test
  void appendsAreNotAcknowledgedOnceTheOldestUnsyncedIsTheDelayOld() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 1);
      Logs.awaitSpares(wal);
      storage.holdSyncs();
      host.advance(DELAY.dividedBy(2));
      try (Ticks _ = new Ticks(host)) {
        storage.awaitHeldSyncs(1);
      }
      assertThat(wal.appendAsync(MemorySegment.ofArray(Logs.record(2)))).isDone();
      host.advance(DELAY.dividedBy(2));
      CompletableFuture<Long> late = wal.appendAsync(MemorySegment.ofArray(Logs.record(3)));
      assertThat(late).isNotDone();
      storage.releaseSyncs();
      assertThat(late.get(10, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(3);
    }
  }

  @Test
  void awaitDurableCausesASyncAndAMark() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 4);
      wal.awaitDurable(2);
      assertThat(wal.durableLsn()).isEqualTo(4);
      assertThat(after(storage.crash(Crash.losingUnsynced()))).isEqualTo(Logs.expected(1, 4));
      SimulatedDisk killed = storage.crash(Crash.keepingAll());
      try (Wal again = Wal.open(killed, new FakeHost(2), ASYNC)) {
        assertThat(again.recovery().promisedLsn()).isEqualTo(4);
        assertThat(again.recovery().unproven()).isZero();
      }
    }
  }

  @Test
  void strongerRecordTakesAllBeforeItAlong() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 4);
      assertThat(wal.appendDurable(Logs.record(5))).isEqualTo(5);
      Logs.append(wal, 6, 6);
      assertThat(after(storage.crash(Crash.losingUnsynced()))).isEqualTo(Logs.expected(1, 5));
    }
  }

  @Test
  void awaitDurableReturnsForRecordsThatAChangeOfSegmentsHasSynced() throws IOException {
    try (Wal wal = open()) {
      int n = 0;
      while (wal.segments().size() == 1) {
        Logs.append(wal, ++n, n);
      }
      wal.awaitDurable(n - 1); // in the sealed segment; the clock stands still
      assertThat(wal.durableLsn()).isGreaterThanOrEqualTo(n - 1);
    }
  }

  @Test
  void closeMakesEverythingDurable() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 4);
      var _ = wal.appendAsync(MemorySegment.ofArray(Logs.record(5)));
    }
    assertThat(after(storage.crash(Crash.losingUnsynced()))).isEqualTo(Logs.expected(1, 5));
  }

  @Test
  void markIsWrittenOnceTheLogIsIdleAndSyncedOnceItStaysSo() throws Exception {
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      Logs.append(wal, 1, 3);
      long written = wal.metrics().counts().writtenBytes();
      host.advance(Duration.ofMillis(10));
      try (Ticks _ = new Ticks(host)) {
        while (wal.metrics().counts().writtenBytes() == written) {
          Thread.onSpinWait();
        }
      }
      assertThat(promised(storage.crash(Crash.keepingAll()))).isEqualTo(3);
      assertThat(promised(storage.crash(Crash.losingUnsynced()))).isEqualTo(2);
      long syncs = wal.metrics().latencies().sync().count();
      while (wal.metrics().latencies().sync().count() == syncs) {
        host.advance(Duration.ofMillis(100));
        Thread.onSpinWait();
      }
      assertThat(promised(storage.crash(Crash.losingUnsynced()))).isEqualTo(3);
    }
  }

  private static long promised(SimulatedDisk left) throws IOException {
    try (Wal wal = Wal.open(left, new FakeHost(2), Logs.SMALL)) {
      return wal.recovery().promisedLsn();
    }
  }
}
