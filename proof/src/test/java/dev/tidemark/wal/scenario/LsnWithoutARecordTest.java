package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 42: an LSN was handed out, and no record comes: the disk turns out to be full, or the
/// copy of its bytes throws. And what names an LSN that is not there yet, or not any more.
@Timeout(60)
class LsnWithoutARecordTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  private static MemorySegment closed() {
    Arena arena = Arena.ofConfined();
    MemorySegment memory = arena.allocate(20);
    arena.close();
    return memory;
  }

  // ---- a copy that throws

  @Test
  void copyThatThrowsLeavesAnEmptyLsnWhereverItStands() throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      for (int at = 0; at <= 3; at++) { // first, between, last
        SimulatedDisk each = new SimulatedDisk();
        WalOptions options = Logs.small(policy);
        List<String> expected = new ArrayList<>();
        try (Wal wal = Scene.open(each, options)) {
          for (int i = 0; i <= 3; i++) {
            if (i == at) {
              assertThatThrownBy(() -> wal.append(closed()))
                  .isInstanceOf(IllegalStateException.class);
              assertThatThrownBy(() -> wal.appendAsync(closed()))
                  .isInstanceOf(IllegalStateException.class);
            } else {
              long lsn = wal.append(Logs.record(i));
              expected.add(lsn + ":record " + i);
            }
          }
          assertThat(wal.sync()).isEqualTo(5);
          assertThat(Logs.read(wal)).isEqualTo(expected);
          assertThat(wal.metrics().counts().voidRecords()).isEqualTo(2);
          Scene.holdsAndGoesOn(Scene.powerCut(each), options, expected);
        }
        Scene.holdsAndGoesOn(each, options, expected);
        assertThat(Follow.read(each)).startsWith(expected.toArray(String[]::new));
      }
    }
  }

  @Test
  void emptyLsnMayBeAcknowledgedCheckpointedAndTruncatedLikeAnyOther() throws IOException {
    try (Wal wal = Scene.open(disk)) {
      Logs.append(wal, 1, 2);
      assertThatThrownBy(() -> wal.append(closed())).isInstanceOf(IllegalStateException.class);
      wal.sync();
      try (Subscription subscription = wal.subscribe("reader", 1)) {
        subscription.ack(3);
      }
      wal.checkpoint(3, target -> {});
      wal.truncateBefore(4);
      assertThat(Logs.read(wal)).isEmpty();
      assertThat(wal.append(Logs.record(4))).isEqualTo(4);
      Scene.holdsAndGoesOn(Scene.powerCut(disk), Logs.expected(4, 4));
    }
  }

  @Test
  void nothingButEmptyLsnsIsALogWithoutRecordsThatGoesOnBehindThem() throws IOException {
    SimulatedDisk left;
    try (Wal wal = Scene.open(disk)) {
      for (int i = 0; i < 60; i++) { // through several segments
        assertThatThrownBy(() -> wal.append(closed())).isInstanceOf(IllegalStateException.class);
        if (i % 10 == 9) {
          wal.sync();
          wal.rotate();
        }
      }
      assertThat(wal.sync()).isEqualTo(60);
      assertThat(Logs.read(wal)).isEmpty();
      left = Scene.powerCut(disk);
    }
    try (Wal wal = Scene.open(left)) {
      assertThat(wal.append(Logs.record(61))).isEqualTo(61);
      try (Cursor cursor = wal.read(30)) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.lsn()).isEqualTo(61);
      }
    }
  }

  // ---- no space after all

  @Test
  void diskThatTurnsOutToBeFullFailsTheLogAndTellsEachThatHasAnLsn() throws Exception {
    for (SyncPolicy policy : List.of(SyncPolicy.fdatasync(), SyncPolicy.fsync())) {
      SimulatedDisk each = new SimulatedDisk();
      Wal wal = Scene.open(each, Logs.small(policy));
      Logs.append(wal, 1, 3);
      Logs.awaitSpares(wal);
      each.holdSyncs();
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      futures.add(wal.appendAsync(MemorySegment.ofArray(Logs.record(4))));
      each.awaitHeldSyncs(1);
      for (int n = 5; n <= 8; n++) { // staged, with their LSNs
        futures.add(wal.appendAsync(MemorySegment.ofArray(Logs.record(n))));
      }
      StorageFullException full = new StorageFullException("thin", null);
      each.faults().tear(1, 70, full);
      each.releaseSyncs();
      assertThat(futures.getFirst().get(20, TimeUnit.SECONDS)).isEqualTo(4);
      for (CompletableFuture<Long> future : futures.subList(1, 5)) {
        assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
            .hasCauseInstanceOf(WalFailedException.class)
            .hasRootCause(full);
      }
      each.faults().clear();
      try (Wal again = wal.reopen()) {
        assertThat(Logs.read(again)).isEqualTo(Logs.expected(1, 4));
        assertThat(again.append(Logs.record(0))).isGreaterThan(4);
      }
      wal.close();
    }
  }

  // ---- ahead of the log

  @Test
  void whateverNamesAnLsnThatIsNotDurableIsRefusedOrMakesItSo() throws IOException {
    WalOptions async = Logs.small(Scene.ASYNC);
    try (Wal wal = Scene.open(disk, async)) {
      Logs.append(wal, 1, 3);
      wal.sync();
      Logs.append(wal, 4, 5);
      Subscription subscription = wal.subscribe("reader");
      for (long ahead : new long[] {4, 5, 6, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> subscription.ack(ahead))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> wal.truncateBefore(5)).isInstanceOf(IllegalArgumentException.class);
      for (long beyond : new long[] {7, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> wal.read(beyond)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.awaitDurable(beyond))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.checkpoint(beyond, target -> {}))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.subscribe("other", beyond))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(wal.durableLsn()).isEqualTo(3);
      wal.subscribe("other", 5).close(); // promises that 4 is durable
      assertThat(wal.durableLsn()).isGreaterThanOrEqualTo(4);
      wal.append(Logs.record(6));
      wal.checkpoint(6, target -> {});
      assertThat(wal.durableLsn()).isEqualTo(6);
      subscription.close();
    }
  }

  @Test
  void ackOrCheckpointThatIsAheadOfWhatTheDiskHoldsIsCorruption() throws IOException {
    List<Remains.Work> promises =
        List.of(
            wal -> wal.subscribe("reader", 9).close(),
            wal -> wal.checkpoint(8, target -> {}),
            wal -> wal.truncateBefore(9));
    for (Remains.Work promise : promises) {
      Remains log =
          Remains.of(
              wal -> {
                Logs.append(wal, 1, 10);
                promise.on(wal);
              });
      for (Frame frame : log.frames(log.newest()).subList(6, 10)) {
        log.zero(log.newest(), frame); // the disk lied about 7 to 10
      }
      assertThat(log.refused(Logs.SMALL).lostFrom()).isEqualTo(7);
      assertThat(log.refused(Logs.SMALL).lostTo()).isEqualTo(8);
    }
  }
}
