package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Histogram;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a log counts and times is what happened.
@Timeout(60)
class MetricsTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  @Test
  void appendsSyncsAndGroupsAreCounted() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 3);
      wal.append(new Batch().add(new byte[10]).add(new byte[20]));
      WalMetrics metrics = wal.metrics();
      assertThat(metrics.latencies().append().count()).isEqualTo(4);
      assertThat(metrics.latencies().sync().count()).isGreaterThanOrEqualTo(4);
      assertThat(metrics.groups().records().sum()).isEqualTo(5);
      assertThat(metrics.groups().bytes().sum())
          .isLessThanOrEqualTo(metrics.counts().writtenBytes());
      assertThat(metrics.groups().bytes().count()).isEqualTo(metrics.groups().records().count());
      assertThat(metrics.counts().records()).isEqualTo(5);
      assertThat(metrics.counts().payloadBytes()).isEqualTo(3 * 8 + 30);
    }
  }

  @Test
  void countsBeginAnewWithEachOpen() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 3);
    }
    try (Wal wal = Logs.open(storage)) {
      assertThat(wal.metrics().counts().records()).isZero();
      assertThat(wal.metrics().latencies().append()).isEqualTo(Histogram.empty());
      assertThat(wal.metrics().lsns().durable()).isEqualTo(3);
    }
  }

  @Test
  void appendIsTimedFromItsClaimToItsAcknowledgement() throws Exception {
    FakeHost host = new FakeHost(1);
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      Logs.awaitSpares(wal);
      storage.holdSyncs();
      Thread appender = Thread.ofPlatform().start(() -> appendOne(wal));
      storage.awaitHeldSyncs(1);
      assertThat(wal.metrics().lsns().lag()).isEqualTo(1);
      host.advance(Duration.ofMillis(70));
      storage.releaseSyncs();
      appender.join();
      WalMetrics metrics = wal.metrics();
      assertThat(metrics.latencies().append().max()).isEqualTo(70_000_000);
      assertThat(metrics.latencies().sync().max()).isEqualTo(70_000_000);
      assertThat(metrics.lsns().lag()).isZero();
    }
  }

  @Test
  void futureIsTimedUntilItCompletes() throws Exception {
    FakeHost host = new FakeHost(1);
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      Logs.awaitSpares(wal);
      storage.holdSyncs();
      var future = wal.appendAsync(MemorySegment.ofArray(Logs.record(1)));
      storage.awaitHeldSyncs(1);
      host.advance(Duration.ofMillis(30));
      storage.releaseSyncs();
      assertThat(future.get()).isEqualTo(1);
      assertThat(wal.metrics().latencies().append().max()).isEqualTo(30_000_000);
    }
  }

  @Test
  void underAsyncOneLsnInSixteenIsTimed() throws Exception {
    try (Wal wal =
        Wal.open(storage, Host.system(), Logs.small(SyncPolicy.async(Duration.ofSeconds(1))))) {
      Logs.append(wal, 1, 64);
      assertThat(wal.metrics().latencies().append().count()).isEqualTo(4);
      assertThat(wal.metrics().groups().records().sum()).isEqualTo(64);
    }
  }

  @Test
  void rotationsAndFilesAreCounted() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Logs.append(wal, 1, 1);
      wal.rotate();
      Logs.awaitSpares(wal);
      WalMetrics metrics = wal.metrics();
      assertThat(metrics.latencies().rotation().count()).isEqualTo(1);
      assertThat(metrics.files()).isEqualTo(new WalMetrics.Files(2, 2, true, 4 * 4096));
      wal.truncateBefore(2);
      assertThat(wal.metrics().lsns().lowWater()).isEqualTo(2);
      assertThat(wal.metrics().files().segments()).isEqualTo(1);
    }
  }

  @Test
  void voidRecordIsCounted() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Arena arena = Arena.ofShared();
      MemorySegment gone = arena.allocate(8);
      arena.close();
      assertThatThrownBy(() -> wal.append(gone)).isInstanceOf(IllegalStateException.class);
      Logs.append(wal, 1, 1);
      assertThat(wal.metrics().counts().voidRecords()).isEqualTo(1);
    }
  }

  @Test
  void refusedAppendIsCountedAsOneThatWaitedAndWasRefused() throws Exception {
    try (Wal wal = Logs.open(storage)) {
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes());
      assertThatThrownBy(() -> Logs.append(wal, 1, 1000)).isInstanceOf(WalFullException.class);
      WalMetrics metrics = wal.metrics();
      assertThat(metrics.counts().refusals()).isEqualTo(1);
      assertThat(metrics.latencies().stagingWait().count()).isPositive();
      assertThat(metrics.failed()).isFalse();
      assertThat(metrics.files().reserve()).isTrue();
    }
  }

  @Test
  void failedLogSaysSo() throws Exception {
    Wal wal = Logs.open(storage);
    Logs.awaitSpares(wal);
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("planned"));
    assertThatThrownBy(() -> wal.append(Logs.record(1))).isInstanceOf(WalFailedException.class);
    assertThat(wal.metrics().failed()).isTrue();
    assertThatThrownBy(() -> wal.awaitDurableBeyond(wal.lastLsn(), Duration.ZERO))
        .isInstanceOf(WalFailedException.class); // how to ask for the cause without waiting
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  private static void appendOne(Wal wal) {
    try {
      wal.append(Logs.record(1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
