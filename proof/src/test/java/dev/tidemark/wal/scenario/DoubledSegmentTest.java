package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 22: a segment is there twice, or a copy from a backup was put in its place.
@Timeout(60)
class DoubledSegmentTest {

  private static Remains threeSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
          wal.rotate();
          Logs.append(wal, 21, 30);
          Logs.awaitSpares(wal);
        });
  }

  @Test
  void copyUnderAnyOtherNumberIsNoPartOfTheLogAndTakesNothingAway() throws IOException {
    for (int of = 1; of <= 3; of++) {
      for (int number : new int[] {4, 5, 9, 1000}) {
        Remains log = threeSegments();
        log.storage.replace(Remains.segment(number), log.storage.bytes(Remains.segment(of)));
        Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 30));
      }
    }
  }

  @Test
  void anotherSegmentInPlaceOfOneIsRefusedByName() throws IOException {
    for (int of = 1; of <= 3; of++) {
      for (int in = 1; in <= 3; in++) {
        if (of != in) {
          Remains log = threeSegments();
          log.storage.replace(Remains.segment(in), log.storage.bytes(Remains.segment(of)));
          assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(in));
        }
      }
    }
  }

  @Test
  void segmentOfAnEarlierBackupOfTheSameLogIsRefusedByName() throws IOException {
    Remains backup = threeSegments();
    Remains left = Remains.of(wal -> Logs.append(wal, 1, 10)); // its history, and then another one
    for (int i = 0; i < 2; i++) {
      left = left.work(Logs.SMALL, wal -> wal.append(Logs.record(1)));
    }
    Remains log = left;
    log.storage.replace(Remains.segment(2), backup.storage.bytes(Remains.segment(2)));
    assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(2));
  }

  @Test
  void earlierCopyOfASealedSegmentIsFoundWhenItIsRead() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    byte[] early;
    try (Wal wal = Scene.open(disk)) {
      Logs.append(wal, 1, 5);
      early = disk.bytes(Remains.segment(1)); // copied while the log was open
      Logs.append(wal, 6, 10);
      wal.rotate();
      Logs.append(wal, 11, 11);
    }
    disk.replace(Remains.segment(1), early);
    try (Wal wal = Scene.open(disk)) {
      CorruptWalException found =
          catchThrowableOfType(CorruptWalException.class, () -> Logs.read(wal));
      assertThat(found.lostFrom()).isEqualTo(6);
      assertThat(found.lostTo()).isEqualTo(10);
    }
  }

  @Test
  void earlierCopyOfTheNewestSegmentIsRefusedIfAnythingElsePromisesMore() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Remains log = new Remains(disk);
    byte[] early;
    try (Wal wal = Scene.open(disk)) {
      Logs.append(wal, 1, 5);
      early = disk.bytes(log.newest());
      Logs.append(wal, 6, 10);
      wal.subscribe("reader", 9).close(); // stands behind LSN 8
    }
    disk.replace(log.newest(), early);
    assertThat(log.refused(Logs.SMALL).lostTo()).isEqualTo(8);
  }

  @Test
  void restOfARemovedSegmentBesideItsFileCountsOnce() throws IOException {
    Remains log = threeSegments();
    byte[] second = log.storage.bytes(Remains.segment(2));
    Remains removed = log.work(Logs.SMALL, wal -> wal.removeSegment(2));
    removed.storage.replace(Remains.segment(2), second); // put back from a backup
    try (Wal wal = removed.open()) {
      assertThat(Logs.read(wal)).hasSize(20).doesNotContain("11:record 11");
    }
  }
}
