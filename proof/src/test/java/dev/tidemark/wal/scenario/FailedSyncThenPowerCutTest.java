package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 39: after a failed sync the page cache shows frames that the disk does not hold. They
/// are shown to nobody who could rely on them, before a power cut takes them away.
@Timeout(60)
class FailedSyncThenPowerCutTest {
  private final SimulatedDisk disk = new SimulatedDisk();

  private Wal failed(WalOptions options) throws IOException {
    Wal wal = Wal.open(disk, new FakeHost(1), options);
    Logs.append(wal, 1, 3);
    wal.sync();
    Logs.awaitSpares(wal);
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("EIO"));
    assertThatThrownBy(
            () -> {
              wal.append(new Batch().add(Logs.record(4)).add(Logs.record(5)));
              wal.sync();
            })
        .isInstanceOf(WalFailedException.class);
    return wal;
  }

  @Test
  void nobodyIsShownWhatOnlyThePageCacheHolds() throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      FailedSyncThenPowerCutTest each = new FailedSyncThenPowerCutTest();
      Wal wal = each.failed(Logs.small(policy));
      assertThat(new Remains(each.disk).frames(Remains.segment(1)).getLast().lastLsn())
          .isEqualTo(5); // there to be seen
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
      List<String> shown = Follow.read(each.disk);
      assertThat(Logs.expected(1, 3)).startsWith(shown.toArray(String[]::new));
      assertThat(Follow.readUnproven(each.disk)).endsWith("4:record 4?", "5:record 5?");
      assertThatThrownBy(() -> wal.checkpoint(5, target -> {})).isInstanceOf(IOException.class);
      assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
      try (Wal after = Scene.open(Scene.powerCut(each.disk))) {
        assertThat(Logs.read(after)).isEqualTo(Logs.expected(1, 3));
        assertThat(after.append(Logs.record(4))).isEqualTo(4); // nobody knows of another
      }
    }
  }

  @Test
  void whatARecoveryThenShowsIsThereAfterAPowerCut() throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      FailedSyncThenPowerCutTest each = new FailedSyncThenPowerCutTest();
      Wal wal = each.failed(Logs.small(policy));
      try (Wal again = wal.reopen();
          Cursor cursor = again.read()) {
        for (int lsn = 1; lsn <= 5; lsn++) {
          assertThat(cursor.next()).isTrue();
        }
        Scene.holdsAndGoesOn(Scene.powerCut(each.disk), Logs.expected(1, 5));
        assertThat(Follow.read(each.disk)).isEqualTo(Logs.expected(1, 5));
      }
      wal.close();
    }
  }

  @Test
  void readerThatWasAheadOfThePromiseIsToldIfTheRecordsAreGone() throws IOException {
    Wal wal = failed(Logs.SMALL);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    SimulatedDisk cut = Scene.powerCut(disk);
    try (WalReader reader = Follow.open(disk);
        Cursor ahead = reader.readUnproven(1)) {
      assertThat(Follow.rest(ahead)).endsWith("5:record 5?");
    }
    assertThat(Follow.readUnproven(cut)).hasSize(3);
  }

  @Test
  void ackOfWhatIsNotDurableIsRefusedSoThatNoSubscriptionIsAheadAfterwards() throws IOException {
    WalOptions options = Logs.small(Scene.ASYNC);
    Wal wal = Wal.open(disk, new FakeHost(1), options);
    Logs.append(wal, 1, 3);
    wal.sync();
    Logs.awaitSpares(wal);
    Subscription subscription = wal.subscribe("reader");
    wal.append(Logs.record(4));
    assertThatThrownBy(() -> subscription.ack(4)).isInstanceOf(IllegalArgumentException.class);
    subscription.ack(3);
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("EIO"));
    assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    try (Wal after = Scene.open(Scene.powerCut(disk))) {
      assertThat(after.subscriptions().getFirst().acked()).isEqualTo(3);
      assertThat(Logs.read(after)).endsWith("3:record 3");
    }
  }

  @Test
  void failedSyncOfAnAckLosesTheAckAloneAndAPowerCutNeverBringsOneThatIsAhead() throws IOException {
    Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL);
    Logs.append(wal, 1, 6);
    Subscription subscription = wal.subscribe("reader");
    subscription.ack(2);
    Logs.awaitSpares(wal);
    disk.faults().failedSyncsForget();
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("EIO"));
    assertThatThrownBy(() -> subscription.ack(5)).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    disk.faults().clear();
    try (Wal after = Wal.open(disk, new FakeHost(2), Logs.SMALL)) {
      long shown = after.subscriptions().getFirst().acked(); // the page cache has the newer
      assertThat(shown).isEqualTo(5);
      try (Wal cut = Scene.open(Scene.powerCut(disk))) {
        assertThat(cut.subscriptions().getFirst().acked()).isEqualTo(shown); // and now the disk
      }
    }
  }
}
