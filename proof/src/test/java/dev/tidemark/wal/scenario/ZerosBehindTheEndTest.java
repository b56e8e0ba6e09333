package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 4: zeros behind the end, because space was prepared or a size reached the disk before
/// its bytes.
@Timeout(60)
class ZerosBehindTheEndTest {

  @Test
  void preparedSpaceIsACleanEndAndHoldsNoRecord() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(wal.recovery().cutBytes()).isZero();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 5));
    }
  }

  @Test
  void emptyRecordsAreRecordsAndZerosAreNone() throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              for (int i = 0; i < 5; i++) {
                wal.append(new byte[0]);
              }
            });
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).containsExactly("1:", "2:", "3:", "4:", "5:");
    }
  }

  @Test
  void lastGroupOfWhichOnlyZerosReachedTheDiskWasNeverThere() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
    Frame last = log.frames(log.newest()).getLast();
    log.zero(log.newest(), last);
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
    }
  }

  @Test
  void fileThatGrewByZerosIsNoTornTail() throws IOException {
    for (int more : new int[] {1, 63, 64, 4096, 100_000}) {
      Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
      log.storage.truncate(log.newest(), 4096 + more);
      try (Wal wal = log.open()) {
        assertThat(wal.recovery().verdict()).as("%s more", more).isEqualTo(Verdict.CLEAN_END);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 5));
      }
    }
  }

  @Test
  void readerTakesZerosForNoRecord() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
    assertThat(Follow.readUnproven(log.storage)).hasSize(5);
    log.zero(log.newest(), log.frames(log.newest()).getLast());
    assertThat(Follow.readUnproven(log.storage)).hasSize(4);
  }

  @Test
  void zerosFromAnyPlaceOnAreAnEndAboveThePromiseAndCorruptionBelowIt() throws IOException {
    Remains whole = Remains.of(wal -> Logs.append(wal, 1, 8));
    String name = whole.newest();
    List<Frame> frames = whole.frames(name);
    byte[] bytes = whole.storage.bytes(name);
    for (int from = (int) frames.getFirst().offset(); from < 4096 - 256; from += 16) {
      SimulatedDisk disk = Scene.killed(whole.storage);
      byte[] zeroed = bytes.clone();
      Arrays.fill(zeroed, from, 4096 - 256, (byte) 0);
      disk.replace(name, zeroed);
      int begun = from;
      // Each frame promises the one before: what is left tells of one record less than it had.
      long promised =
          frames.stream()
              .filter(f -> f.offset() + 64 <= begun)
              .mapToLong(Frame::durableLsn)
              .max()
              .orElse(0);
      try (Wal wal = Scene.open(disk)) {
        assertThat(wal.recovery().lastLsn()).as("from %s", from).isGreaterThanOrEqualTo(promised);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, wal.recovery().lastLsn()));
      }
    }
  }

  @Test
  void zerosInPlaceOfAWholeSegmentAreASpareIfItWasNeverActivatedAndElseCorruption()
      throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 5);
              Logs.awaitSpares(wal);
            });
    log.storage.replace(Remains.segment(3), new byte[4096]);
    Scene.holdsAndGoesOn(Scene.killed(log.storage), Logs.expected(1, 5));
    log.storage.replace(log.newest(), new byte[4096]);
    assertThat(log.refused(Logs.SMALL)).hasMessageContaining("both copies");
  }
}
