package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 3: a torn tail, then more records, then another crash, again and again.
@Timeout(60)
class AppendAfterTornTailTest {

  @Test
  void everyRecordAppendedBehindATornTailIsThereAfterTheNextCrash() throws IOException {
    for (SyncPolicy policy : Scene.POLICIES) {
      rounds(Logs.small(policy), new SimulatedDisk());
    }
  }

  @Test
  void noCutSegmentIsEverWrittenToAgainAlsoWhereFilesHaveSeveralLives() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk)) {
      Scene.reachRecycled(wal, disk);
      wal.append(Logs.record(0));
    }
    rounds(Logs.SMALL, disk);
  }

  // Each round appends, loses a part of its last record, and is killed.
  private static void rounds(WalOptions options, SimulatedDisk first) throws IOException {
    SimulatedDisk disk = first;
    List<String> kept = new ArrayList<>();
    Map<String, byte[]> cut = new HashMap<>();
    for (int round = 0; round < 12; round++) {
      SimulatedDisk left;
      try (Wal wal = Scene.open(disk, options)) {
        List<String> found = Logs.read(wal);
        assertThat(found).as("round %s", round).endsWith(kept.toArray(String[]::new));
        if (round > 0) {
          assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
        } else {
          kept.addAll(found);
        }
        for (int i = 0; i < 3; i++) {
          long lsn = wal.appendDurable(Logs.record(round));
          kept.add(lsn + ":record " + round);
        }
        wal.append(Logs.record(99)); // the one that is torn
        left = Scene.killed(disk);
      }
      Remains log = new Remains(left);
      String newest = log.newest();
      Frame torn = lastRecord(log, newest);
      left.flip(newest, torn.offset() + 64 + round, 1);
      assertThat(cut).doesNotContainKey(newest);
      cut.put(newest, left.bytes(newest));
      cut.forEach((name, bytes) -> assertThat(left.bytes(name)).isEqualTo(bytes));
      disk = left;
    }
  }

  private static Frame lastRecord(Remains log, String name) throws IOException {
    return log.frames(name).stream().filter(f -> f.lastLsn() >= f.firstLsn()).toList().getLast();
  }

  @Test
  void cutThatNoRecordFollowsIsTheSameCutAfterTheNextCrash() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 4));
    log.spoilPayload(log.newest(), log.frames(log.newest()).getLast());
    for (int round = 0; round < 5; round++) {
      log = log.work(Logs.SMALL, wal -> assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3)));
    }
    try (Wal wal = log.open()) {
      assertThat(wal.append(Logs.record(5))).isEqualTo(5); // 4 was cut and never comes back
      assertThat(wal.segments()).hasSize(2); // and five crashes made no more of them
    }
  }
}
