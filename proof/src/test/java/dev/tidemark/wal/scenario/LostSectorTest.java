package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 9: a sector in the middle of the log is zeros, or a length is.
@Timeout(60)
class LostSectorTest {
  private static final int SECTOR = 512;

  private static Remains log() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 25);
          wal.rotate();
          Logs.append(wal, 26, 50);
          Logs.awaitSpares(wal);
        });
  }

  private static void zeroSector(Remains log, String name, int sector) {
    log.put(name, (long) sector * SECTOR, new byte[SECTOR]);
  }

  @Test
  void promisedSectorOfTheNewestSegmentIsCorruptionAndWhatIsBehindItIsLeftAlone()
      throws IOException {
    Remains whole = log();
    int sectors = (int) (whole.end(whole.newest()) / SECTOR);
    for (int sector = 0; sector < sectors; sector++) { // in the first is a copy of the header
      Remains log = new Remains(Scene.killed(whole.storage));
      zeroSector(log, log.newest(), sector);
      assertThat(log.refused(Logs.SMALL).lostTo()).as("sector %s", sector).isEqualTo(49);
    }
  }

  @Test
  void sectorOfASealedSegmentIsFoundWhenItIsReadAndNoRecordIsSkipped() throws IOException {
    Remains whole = log();
    String name = Remains.segment(1);
    int sectors = (int) (whole.end(name) / SECTOR);
    WalOptions verified =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();
    for (int sector = 0; sector < sectors; sector++) {
      Remains log = new Remains(Scene.killed(whole.storage));
      zeroSector(log, name, sector);
      int at = sector * SECTOR;
      long lost =
          whole.frames(name).stream()
              .filter(f -> f.end() > at)
              .findFirst()
              .orElseThrow()
              .firstLsn();
      assertThat(log.refused(verified).lostFrom()).isEqualTo(lost);
      try (Wal wal = log.open();
          Cursor cursor = wal.read()) {
        for (long lsn = 1; lsn < lost; lsn++) {
          assertThat(cursor.next()).isTrue();
        }
        CorruptWalException found = catchThrowableOfType(CorruptWalException.class, cursor::next);
        assertThat(found.lostFrom()).isEqualTo(lost);
        assertThat(found.lostTo()).isEqualTo(25);
      }
      assertThat(Follow.restUntil(Follow.open(log.storage).read(), CorruptWalException.class))
          .hasSize((int) lost - 1);
    }
  }

  @Test
  void zeroedLengthsOfAnyFrameAreCorruption() throws IOException {
    Remains whole = log();
    for (Frame frame : whole.frames(whole.newest())) {
      if (frame.lastLsn() == 50) {
        continue; // nothing vouches for the last group
      }
      Remains log = new Remains(Scene.killed(whole.storage));
      log.put(log.newest(), frame.offset() + 16, new byte[12]);
      assertThat(log.refused(Logs.SMALL).lostFrom()).isEqualTo(frame.firstLsn());
    }
  }

  @Test
  void sectorThatIsZerosAboveThePromiseIsCutAndReportedAndNeverGoneOnIn() throws IOException {
    Remains whole =
        Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 25)); // promises nothing
    int sectors = (int) (whole.end(whole.newest()) / SECTOR);
    for (int sector = 1; sector < sectors; sector++) {
      SimulatedDisk disk = Scene.killed(whole.storage);
      Remains log = new Remains(disk);
      zeroSector(log, log.newest(), sector);
      byte[] cut = disk.bytes(log.newest());
      try (Wal wal = log.open(Remains.NEVER_SYNCED)) {
        long last = wal.recovery().lastLsn();
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
        assertThat(wal.recovery().discardedFrom()).isEqualTo(last + 1);
        assertThat(wal.recovery().discardedTo()).isEqualTo(25);
        assertThat(wal.append(Logs.record(26))).isEqualTo(26);
      }
      assertThat(disk.bytes(Remains.segment(1))).isEqualTo(cut);
    }
  }
}
