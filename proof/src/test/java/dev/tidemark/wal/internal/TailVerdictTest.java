package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnUnvouchedTail;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a log ends: one case for each thing that can stand behind its last whole frame.
@Timeout(60)
class TailVerdictTest {

  private static Remains tenSynced() throws IOException {
    return Remains.of(wal -> Logs.append(wal, 1, 10));
  }

  private static Remains tenNeverSynced() throws IOException {
    return Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 10));
  }

  /// Opening must refuse and leave every byte of every file as it was.
  static CorruptWalException refused(Remains log, WalOptions options) {
    return log.refused(options);
  }

  static CorruptWalException refused(Remains log) {
    return refused(log, Logs.SMALL);
  }

  @Test
  void promisedRecordsThatAreMissingAreCorruptionWithPlaceAndLsns() throws IOException {
    Remains log = tenSynced();
    Frame fifth = log.frames(log.newest()).get(4);
    log.spoilPayload(log.newest(), fifth);

    CorruptWalException refusal = refused(log);

    assertThat(refusal.file()).isEqualTo(log.newest());
    assertThat(refusal.offset()).isEqualTo(fifth.offset());
    assertThat(refusal.lostFrom()).isEqualTo(5);
    assertThat(refusal.lostTo()).isEqualTo(9); // the tenth group says that the ninth is durable
    assertThat(refusal).hasMessageStartingWith("memory: " + log.newest()); // which log, which file
  }

  @Test
  void promiseBehindAZeroedFrameIsStillAPromise() throws IOException {
    Remains log = tenSynced();
    List<Frame> frames = log.frames(log.newest());
    String newest = log.newest();
    frames.subList(2, 9).forEach(frame -> log.zero(newest, frame));
    CorruptWalException refusal = refused(log);
    assertThat(refusal.lostFrom()).isEqualTo(3);
    assertThat(refusal.lostTo()).isEqualTo(9);
  }

  @Test
  void promiseInAHeaderWhosePayloadIsDamagedIsStillAPromise() throws IOException {
    Remains log = tenSynced();
    List<Frame> frames = log.frames(log.newest());
    String newest = log.newest();
    frames.subList(2, 9).forEach(frame -> log.zero(newest, frame));
    log.spoilPayload(log.newest(), frames.getLast());
    assertThat(refused(log).lostTo()).isEqualTo(9);
  }

  @Test
  void everythingBehindThePromiseOfTheSegmentHeaderMayBeLostButNotWhatIsBefore()
      throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 5);
              wal.rotate();
              Logs.append(wal, 6, 6);
            });
    log.spoilPayload(log.newest(), log.frames(log.newest()).getFirst());
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().promisedLsn()).isEqualTo(5);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 5));
    }
  }

  @Test
  void sealIsACleanEnd() throws IOException {
    Remains log = new Remains(new dev.tidemark.testkit.disk.SimulatedDisk());
    try (Wal wal = log.open()) {
      Logs.append(wal, 1, 10);
    }
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.SEALED);
      assertThat(wal.recovery().unproven()).isZero();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
    }
  }

  @Test
  void zerosBehindTheLastFrameAreACleanEnd() throws IOException {
    try (Wal wal = tenSynced().open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(wal.recovery().cutBytes()).isZero();
      assertThat(wal.recovery().discardedTo()).isZero();
      assertThat(wal.recovery().unproven()).isEqualTo(1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
    }
  }

  @Test
  void garbageBehindTheLastFrameIsCutWithoutChangingAByte() throws IOException {
    Remains log = tenSynced();
    String cut = log.newest();
    long end = log.end(cut);
    byte[] garbage = new byte[100];
    Arrays.fill(garbage, (byte) 0x5a);
    log.put(cut, end, garbage);
    byte[] before = log.storage.bytes(cut);
    try (Wal wal = log.open()) {
      RecoveryReport report = wal.recovery();
      assertThat(report.verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(report.file()).isEqualTo(cut);
      assertThat(report.end()).isEqualTo(end);
      assertThat(report.cutBytes()).isEqualTo(128); // to the end of the last touched 64
      assertThat(report.discardedTo()).isZero();
      assertThat(wal.append(Logs.record(11))).isEqualTo(11);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 11));
    }
    assertThat(log.storage.bytes(cut)).isEqualTo(before);
  }

  @Test
  void tornLastGroupIsCutAndItsLsnsAreReportedAndNeverUsedAgain() throws IOException {
    Remains log = tenSynced();
    String cut = log.newest();
    log.spoilPayload(cut, log.frames(cut).getLast());
    byte[] before = log.storage.bytes(cut);
    Remains again;
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(wal.recovery().lastLsn()).isEqualTo(9);
      assertThat(wal.recovery().discardedFrom()).isEqualTo(10);
      assertThat(wal.recovery().discardedTo()).isEqualTo(10);
      assertThat(wal.append(Logs.record(11))).isEqualTo(11);
      again = new Remains(log.storage.crash(dev.tidemark.testkit.disk.Crash.losingUnsynced()));
    }
    assertThat(log.storage.bytes(cut)).isEqualTo(before);
    try (Wal wal = again.open()) {
      assertThat(wal.recovery().unproven()).as("LSNs that were cut do not count").isEqualTo(1);
      assertThat(wal.append(Logs.record(12))).isEqualTo(12);
      assertThat(Logs.read(wal)).containsSequence("9:record 9", "11:record 11", "12:record 12");
      assertThat(Logs.read(wal, 10)).containsExactly("11:record 11", "12:record 12");
    }
    assertThat(again.storage.bytes(cut)).isEqualTo(before);
  }

  @Test
  void cutLsnsStayCutIfTheNextProcessDiesBeforeItWroteAnything() throws IOException {
    Remains log = tenSynced();
    log.spoilPayload(log.newest(), log.frames(log.newest()).getLast());
    Remains again = log.work(Logs.SMALL, wal -> {});
    try (Wal wal = again.open()) {
      assertThat(wal.recovery().lastLsn()).isEqualTo(9);
      assertThat(Logs.read(wal, 10)).isEmpty();
      assertThat(wal.append(Logs.record(11))).isEqualTo(11);
      assertThat(Logs.read(wal, 10)).containsExactly("11:record 11");
    }
  }

  @Test
  void logWhoseRecordsWereAllCutIsReadFromItsLowWaterMark() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 1));
    log.spoilPayload(log.newest(), log.frames(log.newest()).getFirst());
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().firstLsn()).isEqualTo(1);
      assertThat(wal.recovery().lastLsn()).isZero();
      assertThat(Logs.read(wal)).isEmpty(); // closing the cursor may remove the empty segment
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
      wal.truncateBefore(1);
      assertThat(Logs.read(wal, 1)).containsExactly("2:record 2");
    }
  }

  @Test
  void unvouchedTailIsRefusedIfTheOptionSaysSo() throws IOException {
    WalOptions strict =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .onUnvouchedTail(OnUnvouchedTail.FAIL)
            .build();
    Remains log = tenSynced();
    Frame last = log.frames(log.newest()).getLast();
    log.spoilPayload(log.newest(), last);
    CorruptWalException refusal = refused(log, strict);
    assertThat(refusal.offset()).isEqualTo(last.offset());
    assertThat(refusal.lostFrom()).isEqualTo(10);
    assertThat(refusal.lostTo()).isEqualTo(10);
    assertThat(refusal).hasMessageContaining("onUnvouchedTail");
  }

  @Test
  void unpromisedFramesBehindAZeroedOneAreDiscardedWithTheirLsnRange() throws IOException {
    Remains log = tenNeverSynced();
    log.zero(log.newest(), log.frames(log.newest()).get(4));
    try (Wal wal = log.open(Remains.NEVER_SYNCED)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(wal.recovery().lastLsn()).isEqualTo(4);
      assertThat(wal.recovery().discardedFrom()).isEqualTo(5);
      assertThat(wal.recovery().discardedTo()).isEqualTo(10);
      assertThat(wal.appendDurable(Logs.record(11))).isEqualTo(11);
      assertThat(Logs.read(wal))
          .containsExactly("1:record 1", "2:record 2", "3:record 3", "4:record 4", "11:record 11");
    }
  }

  @Test
  void unpromisedFramesBehindADamagedOneAreDiscardedWithTheirLsnRange() throws IOException {
    Remains log = tenNeverSynced();
    log.spoilPayload(log.newest(), log.frames(log.newest()).get(4));
    try (Wal wal = log.open(Remains.NEVER_SYNCED)) {
      assertThat(wal.recovery().discardedFrom()).isEqualTo(5);
      assertThat(wal.recovery().discardedTo()).isEqualTo(10);
      assertThat(wal.append(Logs.record(11))).isEqualTo(11);
    }
  }

  @Test
  void batchWithoutItsEndWasNeverThereAndItsLsnsAreNotUsedAgain() throws IOException {
    WalOptions large = WalOptions.builder().segmentBytes(4 << 20).stagingBytes(4 << 20).build();
    Batch batch = new Batch();
    for (int i = 0; i < 30; i++) {
      batch.add(new byte[20_000]);
    }
    Remains log =
        Remains.of(
            large,
            wal -> {
              Logs.append(wal, 1, 2);
              wal.append(batch);
            });
    List<Frame> frames = log.frames(log.newest());
    assertThat(frames).hasSize(5);
    log.zero(log.newest(), frames.getLast());
    try (Wal wal = log.open(large)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(wal.recovery().lastLsn()).isEqualTo(2);
      assertThat(wal.recovery().end()).isEqualTo(frames.get(2).offset());
      assertThat(wal.recovery().discardedFrom()).isEqualTo(3);
      assertThat(wal.recovery().discardedTo()).isEqualTo(frames.get(3).lastLsn());
      assertThat(wal.append(Logs.record(0))).isEqualTo(frames.get(3).lastLsn() + 1);
      assertThat(Logs.read(wal)).hasSize(3);
    }
  }

  @Test
  void fileCutInTheZerosBehindItsFramesLosesNothingAndIsReported() throws IOException {
    Remains log = tenSynced();
    Frame last = log.frames(log.newest()).getLast();
    log.storage.truncate(log.newest(), last.offset() + last.bytes() + 64);
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
    }
  }

  @Test
  void fileCutWhereAFrameEndsIsCorruptionForAnotherMayHaveStoodThere() throws IOException {
    Remains log = tenSynced();
    Frame last = log.frames(log.newest()).getLast();
    log.storage.truncate(log.newest(), last.offset());
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(log.newest());
    assertThat(refusal.offset()).isEqualTo(last.offset());
  }
}
