package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 35: a frame is zeros, with whole frames behind it: a scan that ends at zeros would take
/// what is before it for all there is.
@Timeout(60)
class ZeroedFrameTest {
  private static final WalOptions ASYNC = Logs.small(Scene.ASYNC);

  @Test
  void promisedFrameIsCorruptionWithItsLsns() throws IOException {
    Remains whole = Remains.of(wal -> Logs.append(wal, 1, 10));
    List<Frame> frames = whole.frames(whole.newest());
    for (int from = 0; from < 9; from++) {
      for (int to = from; to < 9; to++) { // one behind them is left to tell
        Remains log = new Remains(Scene.killed(whole.storage));
        for (Frame frame : frames.subList(from, to + 1)) {
          log.zero(log.newest(), frame);
        }
        assertThat(log.refused(Logs.SMALL).lostFrom()).isEqualTo(from + 1);
        assertThat(log.refused(Logs.SMALL).lostTo()).isEqualTo(9);
      }
    }
  }

  @Test
  void frameThatNothingPromisesIsCutWithAllBehindItAndTheLsnsAreReported() throws IOException {
    Remains whole = Remains.of(ASYNC, wal -> Logs.append(wal, 1, 10));
    for (int i = 0; i < 9; i++) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.zero(log.newest(), log.frames(log.newest()).get(i));
      assertThat(Follow.readUnproven(log.storage)).hasSize(i);
      try (Wal wal = log.open(ASYNC)) {
        assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, i));
        assertThat(wal.recovery().discardedFrom()).isEqualTo(i + 1);
        assertThat(wal.recovery().discardedTo()).isEqualTo(10);
        assertThat(wal.recovery().toString()).contains("LSN " + (i + 1) + " to 10");
        assertThat(wal.append(Logs.record(11))).isEqualTo(11);
      }
    }
  }

  @Test
  void thePromiseInTheMiddleDividesTheTwo() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Remains whole;
    try (Wal wal = Scene.open(disk, ASYNC)) {
      Logs.append(wal, 1, 5);
      wal.sync();
      Scene.awaitMark(disk);
      Logs.append(wal, 6, 10);
      whole = new Remains(Scene.killed(disk));
    }
    List<Frame> frames = whole.frames(whole.newest()); // the sixth is the mark
    assertThat(frames).hasSize(11);
    for (int i = 0; i < 10; i++) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.zero(log.newest(), frames.get(i));
      if (i < 5) {
        assertThat(log.refused(ASYNC).lostFrom()).isEqualTo(i + 1);
        assertThat(log.refused(ASYNC).lostTo()).isEqualTo(5);
      } else { // the mark itself is a frame that records follow
        try (Wal wal = log.open(ASYNC)) {
          long last = Math.max(5, i - 1);
          assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
          assertThat(wal.recovery().discardedTo()).isEqualTo(10);
        }
      }
    }
  }

  @Test
  void inAFileThatHadAnotherLifeItIsTheSame() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Scene.open(disk, ASYNC)) {
      Scene.reachRecycled(wal, disk);
      long first = wal.lastLsn() + 1;
      Logs.append(wal, (int) first, (int) first + 4);
      wal.sync();
      Scene.awaitMark(disk);
      Logs.append(wal, (int) first + 5, (int) first + 9);
      Remains whole = new Remains(Scene.killed(disk));
      List<Frame> frames = whole.frames(whole.newest());
      Remains log = new Remains(Scene.killed(disk));
      log.zero(log.newest(), frames.get(2));
      assertThat(log.refused(ASYNC).lostFrom()).isEqualTo(first + 2);
      log = new Remains(Scene.killed(disk));
      log.zero(log.newest(), frames.get(8)); // in its place stand the zeros of an end
      try (Wal again = log.open(ASYNC)) {
        assertThat(again.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
        assertThat(again.recovery().discardedFrom()).isEqualTo(first + 7);
        assertThat(again.recovery().discardedTo()).isEqualTo(first + 9);
      }
    }
  }
}
