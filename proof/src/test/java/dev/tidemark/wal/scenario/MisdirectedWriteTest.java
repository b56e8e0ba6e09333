package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
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

/// Scenario 30: a write lands at another place, lands twice, or never lands though it was synced.
@Timeout(60)
class MisdirectedWriteTest {
  private static final int SECTOR = 512;

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 11, 20); // as LSN 1 to 10: as long as what follows
          wal.rotate();
          for (int n = 11; n <= 20; n++) {
            wal.append(Logs.record(n));
          }
          Logs.awaitSpares(wal);
        });
  }

  // Refused, or what was there without the last group: never a record that was not appended there.
  private static void neverWrong(SimulatedDisk disk, List<String> all, String what)
      throws IOException {
    try (Wal wal = Scene.open(disk)) {
      List<String> found = Logs.read(wal);
      assertThat(found).as(what).isIn(all, all.subList(0, all.size() - 1));
    } catch (CorruptWalException refused) {
      assertThat(refused.lostFrom()).as(what).isLessThanOrEqualTo(all.size());
    }
  }

  private static List<String> all() throws IOException {
    return Follow.readUnproven(twoSegments().storage).stream()
        .map(record -> record.replace("?", ""))
        .toList();
  }

  @Test
  void frameOverAnyOtherFrameIsNeverTakenForIt() throws IOException {
    Remains whole = twoSegments();
    String newest = whole.newest();
    List<String> all = all();
    assertThat(all).hasSize(20);
    for (String source : List.of(Remains.segment(1), newest)) {
      byte[] bytes = whole.storage.bytes(source);
      for (Frame from : whole.frames(source)) {
        for (Frame to : whole.frames(newest)) {
          if (!source.equals(newest) || from.offset() != to.offset()) {
            Remains log = new Remains(Scene.killed(whole.storage));
            byte[] frame = Arrays.copyOfRange(bytes, (int) from.offset(), (int) from.end());
            log.put(newest, to.offset(), frame);
            neverWrong(log.storage, all, from + " over " + to);
          }
        }
      }
    }
  }

  /// The last groups may stand in one sector with everything that vouches for them: then they are
  /// cut with it, and reported. In all other places it is corruption.
  @Test
  void sectorOverAnyOtherSectorIsCorruptionUnlessItTookAllThatVouchedForTheLast()
      throws IOException {
    Remains whole = twoSegments();
    List<String> all = all();
    byte[] bytes = whole.storage.bytes(whole.newest());
    List<Frame> frames = whole.frames(whole.newest());
    for (int from = 0; from < 8; from++) {
      for (int to = 0; to < 8; to++) {
        Remains log = new Remains(Scene.killed(whole.storage));
        int at = to * SECTOR;
        log.put(log.newest(), at, Arrays.copyOfRange(bytes, from * SECTOR, (from + 1) * SECTOR));
        try (Wal wal = log.open()) {
          List<String> found = Logs.read(wal);
          assertThat(found).isEqualTo(all.subList(0, found.size()));
          if (found.size() < all.size()) {
            assertThat(frames.getLast().offset()).isBetween((long) at, at + SECTOR - 1L);
            assertThat(frames.get(found.size() - 10).end()).isGreaterThan(at);
            assertThat(wal.recovery().verdict())
                .isIn(Verdict.UNVOUCHED_TAIL, Verdict.CLEAN_END); // the latter if it was zeros
          }
        } catch (CorruptWalException refused) {
          assertThat(refused.file()).isEqualTo(log.newest());
        }
      }
    }
  }

  @Test
  void groupWrittenASecondTimeBehindItselfAddsNoRecord() throws IOException {
    Remains whole = twoSegments();
    String newest = whole.newest();
    List<Frame> frames = whole.frames(newest);
    byte[] bytes = whole.storage.bytes(newest);
    for (Frame again : frames) {
      Remains log = new Remains(Scene.killed(whole.storage));
      int from = (int) again.offset();
      log.put(newest, frames.getLast().end(), Arrays.copyOfRange(bytes, from, (int) again.end()));
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(all());
        assertThat(wal.recovery().discardedTo()).isZero();
      }
    }
  }

  @Test
  void groupWrittenASecondTimeAtItsPlaceChangesNothing() throws IOException {
    Remains whole = twoSegments();
    whole.storage.replace(whole.newest(), whole.storage.bytes(whole.newest()).clone());
    Scene.holdsAndGoesOn(whole.storage, all());
  }

  @Test
  void writeThatNeverLandedIsCorruptionOnceAnythingVouchesForIt() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    byte[][] before = new byte[11][];
    try (Wal wal = Scene.open(disk)) {
      Remains now = new Remains(disk);
      Scene.reachRecycled(wal, disk); // so that older bytes stand where they are missing
      long first = wal.lastLsn() + 1;
      for (int i = 0; i <= 10; i++) {
        before[i] = disk.bytes(now.newest());
        wal.append(Logs.record(i));
      }
      Remains left = new Remains(Scene.killed(disk));
      List<Frame> frames = left.frames(left.newest());
      for (int i = 0; i < 10; i++) {
        Remains log = new Remains(Scene.killed(left.storage));
        Frame lost = frames.get(i);
        int from = (int) lost.offset();
        log.put(log.newest(), from, Arrays.copyOfRange(before[i], from, (int) lost.end()));
        assertThat(log.refused(Logs.SMALL).lostFrom()).isEqualTo(first + i);
      }
    }
  }

  @Test
  void headerOfASegmentThatLandsInAnotherIsNone() throws IOException {
    Remains log = twoSegments();
    byte[] header = Arrays.copyOf(log.storage.bytes(Remains.segment(1)), 256);
    log.put(Remains.segment(2), 0, header);
    Scene.holdsAndGoesOn(Scene.killed(log.storage), all()); // the other copy is enough
    log.put(Remains.segment(2), 4096 - 256, header);
    assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(2));
  }
}
