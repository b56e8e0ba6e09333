package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 37: a tail was cut, the log went on in a new segment, and is recovered once more.
@Timeout(60)
class SecondRecoveryTest {

  private static Remains torn() throws IOException {
    Remains log = Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 8));
    log.zero(log.newest(), log.frames(log.newest()).get(4)); // 6 to 8 are behind a gap
    return log;
  }

  @Test
  void cutStaysWhereItWasWhateverIsAppendedBehindItAndHoweverThatEnds() throws IOException {
    for (int appended : new int[] {0, 1, 2, 30}) {
      for (boolean tornAgain : new boolean[] {false, true}) {
        SimulatedDisk disk = torn().storage;
        List<String> expected = Logs.expected(1, 4);
        SimulatedDisk left;
        try (Wal wal = Scene.open(disk)) {
          for (int i = 0; i < appended; i++) {
            long lsn = wal.append(Logs.record(7));
            assertThat(lsn).isEqualTo(9 + i);
            expected.add(lsn + ":record 7");
          }
          left = Scene.killed(disk);
        }
        if (tornAgain && appended > 0) {
          Remains log = new Remains(left);
          log.spoilPayload(log.newest(), log.frames(log.newest()).getLast());
          expected.removeLast();
        }
        for (int again = 0; again < 3; again++) {
          Scene.holdsAndGoesOn(Scene.powerCut(left), expected);
          Scene.holdsAndGoesOn(Scene.killed(left), expected);
          try (Wal wal = Scene.open(left)) { // one recovery more each time
            String last = expected.getLast(); // and not the LSNs that were cut
            assertThat(last).startsWith(wal.recovery().lastLsn() + ":");
          }
        }
      }
    }
  }

  @Test
  void cutOfARecoveryThatCrashedAnywhereGivesNoLsnTwice() throws IOException {
    SimulatedDisk disk = torn().storage;
    Moments moments = new Moments(disk);
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), Logs.SMALL)) {
      moments.acknowledged(wal.append(Logs.record(9)));
      moments.acknowledged(wal.append(Logs.record(10)));
      moments.end();
    }
    for (Moment moment : moments.all()) {
      List<SimulatedDisk> crashes = new ArrayList<>(moment.crashes(4));
      crashes.add(crashes.getFirst().crash(Crash.losingUnsynced()));
      for (SimulatedDisk left : crashes) {
        try (Wal wal = Scene.open(left)) {
          List<String> found = Logs.read(wal);
          assertThat(found).startsWith(Logs.expected(1, 4).toArray(String[]::new));
          assertThat(found).doesNotContain("5:record 5", "6:record 6", "7:record 7", "8:record 8");
          if (moment.acknowledged() > 0) {
            assertThat(found).contains(moment.acknowledged() + ":record " + moment.acknowledged());
          }
          assertThat(wal.append(Logs.record(0)))
              .isGreaterThan(8)
              .isGreaterThan(moment.acknowledged());
        }
      }
    }
  }
}
