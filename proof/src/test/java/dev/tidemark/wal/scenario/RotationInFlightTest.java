package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 38: the header of the next segment is on the disk, and the end of the one before is
/// not.
@Timeout(60)
class RotationInFlightTest {
  private static final WalOptions ASYNC = Logs.small(Scene.ASYNC);

  // Where a header was written, everything before it was durable.
  private static int headersBehindDurableTails(Moments moments) throws IOException {
    int headers = 0;
    for (Moment moment : moments.all()) {
      String[] words = moment.operation().split(" ", -1);
      if (words[0].equals("write") && words[1].endsWith(".wal") && words[2].equals("0+256")) {
        SimulatedDisk disk = moment.disk();
        for (String name : disk.list()) {
          if (name.endsWith(".wal") && name.compareTo(words[1]) < 0) {
            assertThat(disk.durableBytes(name)).as(moment.operation()).isEqualTo(disk.bytes(name));
            headers++;
          }
        }
      }
    }
    return headers;
  }

  @Test
  void cannotBeForTheTailIsSyncedBeforeTheHeaderIsWritten() throws IOException {
    for (WalOptions options : new WalOptions[] {Logs.SMALL, ASYNC}) {
      SimulatedDisk disk = new SimulatedDisk();
      Moments moments = new Moments(disk);
      try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), options)) {
        Logs.append(wal, 1, 5);
        wal.rotate();
        Logs.append(wal, 6, 100); // and some that come by themselves
      }
      assertThat(headersBehindDurableTails(moments)).isGreaterThan(3);
    }
  }

  @Test
  void cannotBeAfterARecoveryEither() throws IOException {
    for (boolean failed : new boolean[] {false, true}) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Scene.open(disk, ASYNC);
      Logs.append(wal, 1, 5);
      Logs.awaitSpares(wal);
      if (failed) { // the pages are clean, and the disk does not hold them
        disk.faults().failedSyncsForget();
        disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("EIO"));
        assertThatThrownBy(wal::sync).isInstanceOf(IOException.class);
      }
      SimulatedDisk left = Scene.killed(disk);
      Moments moments = new Moments(left);
      try (Wal again = Wal.open(moments.storage(), new FakeHost(2), ASYNC)) {
        assertThat(Logs.read(again)).isEqualTo(Logs.expected(1, 5));
        moments.end();
      }
      assertThat(headersBehindDurableTails(moments)).isPositive();
      disk.faults().clear();
      try (wal) {
        assertThat(wal.durableLsn()).isLessThanOrEqualTo(5);
      } catch (IOException e) {
        assertThat(failed).isTrue();
      }
    }
  }

  @Test
  void madeByHandItIsCorruptionAndNeverAShorterLog() throws IOException {
    Remains whole =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              wal.rotate();
              Logs.awaitSpares(wal);
            });
    String old = Remains.segment(1);
    WalOptions verified =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();
    for (int lost = 1; lost <= 10; lost++) {
      Remains log = new Remains(Scene.killed(whole.storage));
      for (Frame frame : log.frames(old).subList(10 - lost, 10)) {
        log.zero(old, frame);
      }
      assertThat(log.refused(verified).lostFrom()).isEqualTo(11 - lost);
      CorruptWalException seen =
          catchThrowableOfType(CorruptWalException.class, () -> Follow.read(log.storage));
      assertThat(seen.lostTo()).isEqualTo(10);
      try (Wal wal = log.open()) {
        CorruptWalException found =
            catchThrowableOfType(CorruptWalException.class, () -> Logs.read(wal));
        assertThat(found.lostFrom()).isEqualTo(11 - lost);
        assertThat(found.lostTo()).isEqualTo(10);
        assertThat(wal.append(Logs.record(11))).isEqualTo(11); // none of their LSNs again
      }
    }
  }
}
