package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.explorer.Call;
import dev.tidemark.testkit.explorer.Explorer;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A rename of which a power cut has left both names: two segments must never write to one file.
@Timeout(120)
class TwinsTest {
  private static final WalOptions SMALL =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).build();
  private static final byte[] RECORD = new byte[700];

  private interface Use {
    void of(Wal wal) throws IOException;
  }

  private static void with(SimulatedDisk disk, Use use) throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    host.run(
        () -> {
          try (Wal wal = Wal.open(disk, host, SMALL)) {
            use.of(wal);
          }
          return null;
        });
  }

  // A closed log with one record, and spares behind its segment.
  private static SimulatedDisk log() throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    SimulatedHost host = new SimulatedHost(1);
    host.run(
        () -> {
          try (Wal wal = Wal.open(disk, host, SMALL)) {
            wal.append(RECORD);
            host.rest(Duration.ofSeconds(10)); // until its spares are ready
          }
          return null;
        });
    assertThat(disk.fileNames()).contains(Remains.segment(2), Remains.segment(3));
    return disk;
  }

  private static void appendAcrossSegments(SimulatedDisk disk) throws Exception {
    with(
        disk,
        wal -> {
          for (int i = 0; i < 20; i++) {
            wal.append(RECORD);
          }
        });
  }

  private static void assertWhole(SimulatedDisk disk, int records) throws Exception {
    with(
        disk,
        wal -> {
          assertThat(wal.recovery().verdict()).isNotEqualTo(RecoveryReport.Verdict.UNVOUCHED_TAIL);
          assertThat(wal.recovery().setAside()).isEmpty();
          int found = 0;
          try (Cursor cursor = wal.read()) {
            while (cursor.next()) {
              found++;
            }
          }
          assertThat(found).isEqualTo(records);
        });
  }

  @Test
  void spareWithTwoNamesBecomesOneSegment() throws Exception {
    SimulatedDisk disk = log();
    disk.link(Remains.segment(2), Remains.segment(9));
    appendAcrossSegments(disk);
    assertWhole(disk, 21);
  }

  @Test
  void threeNamesOfOneSpareAreOneSpareAndOthersStay() throws Exception {
    SimulatedDisk disk = log();
    disk.link(Remains.segment(2), Remains.segment(7));
    disk.link(Remains.segment(2), Remains.segment(8));
    with(disk, wal -> assertThat(disk.fileNames()).contains(Remains.segment(3)));
    assertThat(disk.fileNames().stream().filter(name -> name.endsWith(".wal")).count())
        .isLessThanOrEqualTo(1 + Spares.WANTED + 1);
    appendAcrossSegments(disk);
    assertWhole(disk, 21);
  }

  @Test
  void newestSegmentWhoseFileHasTheNameOfASpareTooIsNotWrittenOver() throws Exception {
    SimulatedDisk disk = log();
    disk.link(Remains.segment(1), Remains.segment(9));
    with(disk, wal -> assertThat(disk.fileNames()).doesNotContain(Remains.segment(9)));
    appendAcrossSegments(disk);
    assertWhole(disk, 21);
  }

  @Test
  void marksThatAPowerCutBroughtToTheDiskAreNoDamage() throws Exception {
    SimulatedDisk disk = log();
    for (long number : new long[] {2, 3}) {
      byte[] bytes = disk.bytes(Remains.segment(number));
      bytes[0] = (byte) number;
      disk.replace(Remains.segment(number), bytes);
    }
    appendAcrossSegments(disk);
    assertWhole(disk.crash(Crash.losingUnsynced()), 21);
  }

  @Test
  void sequenceThatShowedItIsStillExplored() {
    WalOptions async =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .sync(SyncPolicy.async(Duration.ofMillis(50)))
            .build();
    new Explorer(async, 20261122, 1)
        .explore(List.of(Call.APPEND_BATCH, Call.APPEND_BATCH, Call.APPEND_BATCH));
  }
}
