package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 19: the end of a log was given up, and what was appended in its place must not meet it
/// again.
@Timeout(60)
class CutEndNeverComesBackTest {

  private static Remains tenNeverSynced() throws IOException {
    return Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 10));
  }

  @Test
  void recordsBehindAGapStayCutThoughTheGapHeals() throws IOException {
    Remains log = tenNeverSynced();
    String first = log.newest();
    Frame fifth = log.frames(first).get(4);
    byte[] whole = log.storage.bytes(first);
    log.zero(first, fifth);
    Remains later =
        log.work(
            Remains.NEVER_SYNCED,
            wal -> {
              assertThat(wal.appendDurable(Logs.record(11))).isEqualTo(11);
              Scene.awaitMark(log.storage);
            });
    later.storage.replace(first, whole); // the disk had it all the time
    List<String> expected = Logs.expected(1, 4);
    expected.add("11:record 11");
    assertThat(Follow.read(later.storage)).isEqualTo(expected);
    Scene.holdsAndGoesOn(later.storage, Remains.NEVER_SYNCED, expected);
  }

  @Test
  void healingBeforeAnythingWasBuiltBehindTheCutIsNoHarmEither() throws IOException {
    Remains log = tenNeverSynced();
    String first = log.newest();
    byte[] whole = log.storage.bytes(first);
    log.zero(first, log.frames(first).get(4));
    Remains later = log.work(Remains.NEVER_SYNCED, wal -> assertThat(Logs.read(wal)).hasSize(4));
    later.storage.replace(first, whole);
    // The header of the next segment was durable when the log was shown: the cut holds.
    Scene.holdsAndGoesOn(later.storage, Remains.NEVER_SYNCED, Logs.expected(1, 4));
  }

  @Test
  void noLsnIsGivenTwiceHoweverOftenTheEndIsCut() throws IOException {
    Remains log = tenNeverSynced();
    Set<Long> given = new HashSet<>();
    for (long lsn = 1; lsn <= 10; lsn++) {
      given.add(lsn);
    }
    for (int round = 0; round < 10; round++) {
      List<Frame> frames = log.frames(log.newest());
      log.spoilPayload(log.newest(), frames.get(frames.size() / 2));
      log =
          log.work(
              Remains.NEVER_SYNCED,
              wal -> {
                for (int i = 0; i < 4; i++) {
                  assertThat(given.add(wal.append(Logs.record(77)))).isTrue();
                }
              });
    }
    try (Wal wal = log.open(Remains.NEVER_SYNCED)) {
      assertThat(Logs.read(wal)).filteredOn(r -> r.endsWith(":record 77")).isNotEmpty();
    }
  }

  @Test
  void cutFramesAreNoRecordsInTheNextLifeOfTheirFile() throws IOException {
    SimulatedDisk disk = tenNeverSynced().storage;
    Remains now = new Remains(disk);
    now.zero(now.newest(), now.frames(now.newest()).get(4));
    try (Wal wal = Scene.open(disk)) {
      long cut = wal.lastLsn();
      for (int round = 0; round < 12; round++) { // the cut file comes round again
        long from = wal.lastLsn() + 1;
        Logs.append(wal, (int) from, (int) from + 1);
        SimulatedDisk left = Scene.killed(disk);
        try (Wal again = Scene.open(left)) {
          assertThat(Logs.read(again))
              .endsWith(Logs.expected(from, from + 1).toArray(String[]::new));
          assertThat(Logs.read(again, Math.max(cut, again.firstLsn())).size())
              .isEqualTo((int) (from + 2 - Math.max(cut + 1, again.firstLsn())));
        }
        wal.rotate();
        Logs.awaitSpares(wal);
        wal.truncateBefore(wal.lastLsn());
        Logs.awaitSpares(wal);
      }
      assertThat(now.isRecycled(now.newest())).isTrue();
    }
  }
}
