package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 11: one sync fails, the kernel forgets what it was to make durable, and the next sync
/// would report success.
@Timeout(60)
class SyncFailsOnceTest {
  private final IOException broken = new IOException("EIO");
  private final SimulatedDisk disk = new SimulatedDisk();

  private Wal open(WalOptions options) throws IOException {
    Wal wal = Wal.open(disk, new FakeHost(1), options);
    Logs.awaitSpares(wal);
    return wal;
  }

  private void failSync(int n) {
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, n, broken);
  }

  private static void takesNothingMore(Wal wal) {
    byte[] record = Logs.record(9);
    assertThatThrownBy(() -> wal.append(record)).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.appendControl(record)).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.append(new Batch().add(record)))
        .isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.appendAsync(MemorySegment.ofArray(record)))
        .isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::rotate).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.truncateBefore(1)).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.checkpoint(1, target -> {}))
        .isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.subscribe("later")).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  @Test
  void nothingIsAcknowledgedAfterwardsAndNothingBeforeIsLost() throws IOException {
    for (SyncPolicy policy : List.of(SyncPolicy.fdatasync(), SyncPolicy.fsync())) {
      SyncFailsOnceTest each = new SyncFailsOnceTest();
      Wal wal = each.open(Logs.small(policy));
      Logs.append(wal, 1, 3);
      each.failSync(1);
      assertThatThrownBy(() -> wal.append(Logs.record(4))).hasRootCause(each.broken);
      each.disk.clearOperations();
      takesNothingMore(wal);
      assertThat(each.disk.operations()).noneMatch(o -> o.startsWith("sync"));
      Scene.holdsAndGoesOn(Scene.powerCut(each.disk), Logs.expected(1, 3));
      Scene.holdsAndGoesOn(Scene.killed(each.disk), Logs.expected(1, 4)); // written again
    }
  }

  @Test
  void underAsyncWhatWasDurableStaysAndNothingElseIsCalledDurable() throws IOException {
    WalOptions options = Logs.small(Scene.ASYNC);
    Wal wal = open(options);
    Logs.append(wal, 1, 3);
    wal.sync();
    Logs.append(wal, 4, 8); // acknowledged, not durable
    failSync(1);
    assertThatThrownBy(wal::sync).hasRootCause(broken);
    assertThat(wal.durableLsn()).isEqualTo(3);
    assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
    takesNothingMore(wal);
    Scene.holdsAndGoesOn(Scene.powerCut(disk), options, Logs.expected(1, 3));
    Scene.holdsAndGoesOn(Scene.killed(disk), options, Logs.expected(1, 8));
  }

  @Test
  void anySyncOfAChangeOfSegmentsLosesNothingHoweverItGoesOn() throws IOException {
    int failed = 0;
    for (int n = 1; n <= 6; n++) {
      SyncFailsOnceTest each = new SyncFailsOnceTest();
      Wal wal = each.open(Logs.small(Scene.ASYNC));
      Logs.append(wal, 1, 3);
      wal.sync();
      Logs.append(wal, 4, 5); // to be synced by the change
      each.failSync(n);
      try {
        wal.rotate();
      } catch (WalFailedException e) {
        assertThat(e).hasRootCause(each.broken);
        takesNothingMore(wal);
        failed++;
        long durable = n == 1 ? 3 : 5; // the tail is synced first
        assertThat(wal.durableLsn()).isLessThanOrEqualTo(durable);
        Scene.holdsAndGoesOn(Scene.powerCut(each.disk), Logs.expected(1, durable));
        Scene.holdsAndGoesOn(Scene.killed(each.disk), Logs.expected(1, 5));
        continue;
      }
      each.disk.faults().clear();
      try (wal) {
        assertThat(wal.durableLsn()).isEqualTo(5);
      } catch (WalFailedException met) {
        assertThat(met).hasRootCause(each.broken); // the next spare was the one to meet it
      }
      Scene.holdsAndGoesOn(Scene.powerCut(each.disk), Logs.expected(1, 5));
    }
    assertThat(failed).isPositive(); // the tail for sure; header and manifest, or the next spare
  }

  @Test
  void secondFailureInTheRecoveryOfTheFirstLosesNothing() throws IOException {
    Wal wal = open(Logs.SMALL);
    Logs.append(wal, 1, 3);
    failSync(1);
    assertThatThrownBy(() -> wal.append(Logs.record(4))).hasRootCause(broken);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    for (int n = 1; n <= 5; n++) { // each sync of a recovery; every failure forgets
      disk.faults().clear();
      failSync(n);
      try (Wal again = Wal.open(disk, new FakeHost(n), Logs.SMALL)) {
        assertThat(Logs.read(again)).isEqualTo(Logs.expected(1, 4));
        break;
      } catch (IOException e) {
        Scene.holdsAndGoesOn(Scene.killed(disk), Logs.expected(1, 4));
        try (Wal cut = Scene.open(Scene.powerCut(disk))) {
          assertThat(Logs.read(cut)).startsWith(Logs.expected(1, 3).toArray(String[]::new));
        }
      }
    }
    disk.faults().clear();
    try (Wal again = Wal.open(disk, new FakeHost(9), Logs.SMALL)) {
      assertThat(Logs.read(again)).isEqualTo(Logs.expected(1, 4));
      Scene.holdsAndGoesOn(Scene.powerCut(disk), Logs.expected(1, 4)); // what was shown stays
    }
  }
}
