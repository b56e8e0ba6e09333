package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What `SKIP` keeps of a damaged log: one case for each way to be damaged. Each is opened once
/// more without a policy, and shows the same.
@Timeout(60)
class SalvageTest {
  static final WalOptions SKIP = with(OnCorruption.SKIP);
  static final WalOptions STOP = with(OnCorruption.STOP);
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String THIRD = SegmentHeader.fileName(3);

  static WalOptions with(OnCorruption policy) {
    return WalOptions.builder().segmentBytes(4096).stagingBytes(1024).onCorruption(policy).build();
  }

  /// Three segments of ten records each.
  static Remains threeSegments() throws IOException {
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

  /// What [Logs#read] answers for records 1 to `last` without those of some LSNs.
  static List<String> allBut(long last, long... missing) {
    List<String> records = new ArrayList<>(Logs.expected(1, last));
    for (long lsn : missing) {
      records.remove(lsn + ":record " + lsn);
    }
    return records;
  }

  private static long[] range(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to).toArray();
  }

  /// Salvages, looks at what is shown, and opens again without a policy.
  static RecoveryReport salvaged(Remains log, WalOptions policy, List<String> kept)
      throws IOException {
    RecoveryReport report;
    List<Hole> holes;
    long next;
    try (Wal wal = log.open(policy)) {
      report = wal.recovery();
      assertThat(Logs.read(wal)).isEqualTo(kept);
      assertThat(Follow.read(log.storage)).as("a reader beside it").isEqualTo(kept);
      holes = wal.holes();
      next = wal.append(Logs.record(0));
      assertThat(next).isGreaterThan(lastOf(holes));
      assertThat(Logs.read(wal, next)).containsExactly(next + ":record 0");
    }
    try (Wal wal =
        log.open(
            WalOptions.builder()
                .segmentBytes(4096)
                .stagingBytes(1024)
                .verifyOnOpen(true)
                .build())) {
      List<String> records = new ArrayList<>(kept);
      records.add(next + ":record 0");
      assertThat(Logs.read(wal)).isEqualTo(records);
      assertThat(wal.holes()).isEqualTo(holes);
      assertThat(wal.recovery().holes()).isEmpty();
      assertThat(wal.append(Logs.record(1))).isEqualTo(next + 1);
    }
    return report;
  }

  private static long lastOf(List<Hole> holes) {
    return holes.isEmpty() ? 0 : holes.getLast().toLsn();
  }

  private static Hole only(RecoveryReport report) {
    assertThat(report.holes()).hasSize(1);
    assertThat(report.verdict()).isEqualTo(Verdict.SALVAGED);
    return report.holes().getFirst();
  }

  private static void isHole(Hole hole, Hole.Reason reason, String file, long from, long to) {
    assertThat(hole.reason()).isEqualTo(reason);
    assertThat(hole.file()).isEqualTo(file);
    assertThat(hole.fromLsn()).isEqualTo(from);
    assertThat(hole.toLsn()).isEqualTo(to);
  }

  // ---- damage within a segment

  @Test
  void damagedPayloadInASealedSegmentIsAHoleOfItsFrame() throws IOException {
    Remains log = threeSegments();
    Frame damaged = log.frames(SECOND).get(4);
    log.spoilPayload(SECOND, damaged);
    Hole hole = only(salvaged(log, SKIP, allBut(30, 15)));
    isHole(hole, Hole.Reason.DAMAGED, SECOND, 15, 15);
    assertThat(hole.fromByte()).isEqualTo(damaged.offset());
    assertThat(hole.toByte()).isEqualTo(damaged.end());
  }

  @Test
  void damagedFrameHeaderInASealedSegmentIsAHoleOfItsFrame() throws IOException {
    Remains log = threeSegments();
    log.storage.flip(SECOND, log.frames(SECOND).get(4).offset() + 9, 2);
    isHole(only(salvaged(log, SKIP, allBut(30, 15))), Hole.Reason.DAMAGED, SECOND, 15, 15);
  }

  @Test
  void damagedFirstFrameIsAHole() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(FIRST, log.frames(FIRST).getFirst());
    isHole(only(salvaged(log, SKIP, allBut(30, 1))), Hole.Reason.DAMAGED, FIRST, 1, 1);
  }

  @Test
  void damagedLastFrameBeforeTheStatedEndIsAHole() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).getLast());
    isHole(only(salvaged(log, SKIP, allBut(30, 20))), Hole.Reason.DAMAGED, SECOND, 20, 20);
  }

  @Test
  void severalHolesAreEachReported() throws IOException {
    Remains log = threeSegments();
    List<Frame> second = log.frames(SECOND);
    log.spoilPayload(FIRST, log.frames(FIRST).get(1));
    log.spoilPayload(SECOND, second.get(2));
    log.zero(SECOND, second.get(6));
    log.spoilPayload(THIRD, log.frames(THIRD).get(3));
    RecoveryReport report = salvaged(log, SKIP, allBut(30, 2, 13, 17, 24));
    assertThat(report.holes()).extracting(Hole::fromLsn).containsExactly(2L, 13L, 17L, 24L);
    assertThat(report.lostLsns()).isEqualTo(4);
  }

  @Test
  void framesBehindAGapInTheNewestSegmentAreKept() throws IOException {
    Remains log = threeSegments();
    List<Frame> frames = log.frames(THIRD);
    frames.subList(2, 5).forEach(frame -> log.zero(THIRD, frame));
    isHole(only(salvaged(log, SKIP, allBut(30, 23, 24, 25))), Hole.Reason.DAMAGED, THIRD, 23, 25);
  }

  @Test
  void promisedEndOfTheNewestSegmentIsAHoleWithNothingBehind() throws IOException {
    Remains sealed = Remains.of(wal -> Logs.append(wal, 1, 10));
    String newest = sealed.newest();
    sealed.forge(newest, FrameLayout.KIND_MARK, 3, 11, 10);
    Frame tenth = sealed.frames(newest).get(9);
    sealed.put(newest, tenth.offset(), new byte[(int) tenth.bytes()]);
    isHole(only(salvaged(sealed, SKIP, Logs.expected(1, 9))), Hole.Reason.DAMAGED, newest, 10, 10);
  }

  @Test
  void batchWithADamagedPartIsAHoleAsAWhole() throws IOException {
    WalOptions large = WalOptions.builder().segmentBytes(4 << 20).stagingBytes(4 << 20).build();
    WalOptions skip =
        WalOptions.builder()
            .segmentBytes(4 << 20)
            .stagingBytes(4 << 20)
            .onCorruption(OnCorruption.SKIP)
            .build();
    Batch batch = new Batch();
    for (int i = 0; i < 30; i++) {
      batch.add(new byte[20_000]);
    }
    for (int part = 2; part < 5; part++) {
      Remains log =
          Remains.of(
              large,
              wal -> {
                Logs.append(wal, 1, 2);
                wal.append(batch);
                Logs.append(wal, 33, 40);
              });
      log.spoilPayload(log.newest(), log.frames(log.newest()).get(part));
      try (Wal wal = log.open(skip)) {
        isHole(only(wal.recovery()), Hole.Reason.DAMAGED, FIRST, 3, 32);
        List<String> kept = new ArrayList<>(Logs.expected(1, 2));
        kept.addAll(Logs.expected(33, 40));
        assertThat(Logs.read(wal)).isEqualTo(kept);
      }
    }
  }

  @Test
  void damagedMarkTakesNoRecordWithIt() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), FrameLayout.KIND_MARK, 3, 4, 3);
    Remains more =
        log.work(
            Logs.SMALL,
            wal -> {
              Logs.append(wal, 4, 6);
              wal.rotate();
            });
    Frame mark =
        more.frames(FIRST).stream()
            .filter(f -> f.kind() == FrameLayout.KIND_MARK)
            .findFirst()
            .get();
    more.storage.flip(FIRST, mark.offset() + 20, 0);
    Hole hole = only(salvaged(more, SKIP, Logs.expected(1, 6)));
    assertThat(hole.count()).isZero();
  }

  // ---- whole segments

  @Test
  void missingSegmentIsAHoleBetweenItsNeighbours() throws IOException {
    Remains log = threeSegments();
    log.remove(SECOND);
    Hole hole = only(salvaged(log, SKIP, allBut(30, range(11, 20))));
    isHole(hole, Hole.Reason.MISSING, SECOND, 11, 20);
  }

  @Test
  void twoMissingSegmentsInARowAreOneHole() throws IOException {
    Remains log = fourSegments();
    log.remove(SECOND);
    log.remove(THIRD);
    isHole(
        only(salvaged(log, SKIP, allBut(40, range(11, 30)))), Hole.Reason.MISSING, THIRD, 11, 30);
  }

  @Test
  void missingFirstSegmentIsAHoleAtTheBeginning() throws IOException {
    Remains log = threeSegments();
    log.remove(FIRST);
    Hole hole = only(salvaged(log, SKIP, allBut(30, range(1, 10))));
    isHole(hole, Hole.Reason.MISSING, FIRST, 1, 10);
  }

  @Test
  void missingNewestSegmentRaisesTheNextLsnFarAboveAllThatItMayHaveHeld() throws IOException {
    Remains log = threeSegments();
    log.remove(THIRD);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 20));
    assertThat(only(report).reason()).isEqualTo(Hole.Reason.MISSING);
    assertThat(report.raisedLsn()).isGreaterThan(1L << 40);
  }

  @Test
  void segmentWithBothHeadersDamagedKeepsItsRecords() throws IOException {
    for (String name : List.of(FIRST, SECOND, THIRD)) {
      Remains log = threeSegments();
      spoilHeaders(log, name);
      Hole hole = only(salvaged(log, SKIP, Logs.expected(1, 30)));
      assertThat(hole.count()).isZero();
      assertThat(hole.file()).isEqualTo(name);
    }
  }

  @Test
  void twoSegmentsInARowWithoutHeadersKeepTheSecondAndSetTheFirstAside() throws IOException {
    Remains log = threeSegments();
    spoilHeaders(log, FIRST);
    spoilHeaders(log, SECOND);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(11, 30));
    assertThat(report.lostLsns()).isEqualTo(10);
    assertThat(report.setAside()).containsExactly("0000000000000001.damaged");
  }

  @Test
  void segmentWithBothHeadersAndItsFirstFrameDamagedKeepsTheRest() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).getFirst());
    spoilHeaders(log, SECOND);
    isHole(only(salvaged(log, SKIP, allBut(30, 11))), Hole.Reason.DAMAGED, SECOND, 11, 11);
  }

  @Test
  void segmentOfWhichNothingCanBeVouchedForIsSetAside() throws IOException {
    Remains log = threeSegments();
    byte[] junk = new byte[4096];
    Arrays.fill(junk, (byte) 7);
    log.storage.replace(SECOND, junk);
    RecoveryReport report = salvaged(log, SKIP, allBut(30, range(11, 20)));
    isHole(only(report), Hole.Reason.MISSING, SECOND, 11, 20);
    assertThat(report.setAside()).containsExactly("0000000000000002.damaged");
    assertThat(log.storage.bytes("0000000000000002.damaged")).isEqualTo(junk);
    assertThat(log.storage.list()).doesNotContain(SECOND);
  }

  @Test
  void olderCopyOfASegmentIsSetAsideAndAHole() throws IOException {
    Remains log = threeSegments();
    HeaderVerdictTest.forgeHeader(log, SECOND, 40, 99);
    RecoveryReport report = salvaged(log, SKIP, allBut(30, range(11, 20)));
    isHole(only(report), Hole.Reason.MISSING, SECOND, 11, 20);
    assertThat(report.setAside()).containsExactly("0000000000000002.aside");
  }

  @Test
  void olderCopyOfTheNewestSegmentIsSetAside() throws IOException {
    Remains log = threeSegments();
    HeaderVerdictTest.forgeHeader(log, THIRD, 40, 99);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 20));
    assertThat(report.setAside()).containsExactly("0000000000000003.aside");
  }

  @Test
  void segmentOfAnotherLogIsSetAside() throws IOException {
    Remains log = threeSegments();
    log.storage.replace(SegmentHeader.fileName(9), log.storage.bytes(THIRD));
    HeaderVerdictTest.forgeHeader(log, SegmentHeader.fileName(9), 32, 9);
    HeaderVerdictTest.forgeHeader(log, SegmentHeader.fileName(9), 16, 5);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 30));
    assertThat(report.setAside()).containsExactly("0000000000000009.aside");
    assertThat(report.holes()).isEmpty();
  }

  @Test
  void newestSegmentCutShortKeepsWhatIsThereAndRaisesTheNextLsn() throws IOException {
    Remains log = threeSegments();
    Frame last = log.frames(THIRD).get(5);
    log.storage.truncate(THIRD, last.offset());
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 25));
    assertThat(report.raisedLsn()).isGreaterThan(31);
    assertThat(report.holes().getFirst().file()).isEqualTo(THIRD);
  }

  @Test
  void sealedSegmentCutShortIsAHoleToItsEnd() throws IOException {
    Remains log = threeSegments();
    log.storage.truncate(SECOND, log.frames(SECOND).get(6).offset() + 10);
    isHole(
        only(salvaged(log, SKIP, allBut(30, range(17, 20)))), Hole.Reason.DAMAGED, SECOND, 17, 20);
  }

  private static Remains fourSegments() throws IOException {
    return threeSegments()
        .work(
            Logs.SMALL,
            wal -> {
              Logs.append(wal, 31, 40);
              Logs.awaitSpares(wal);
            });
  }

  private static void spoilHeaders(Remains log, String name) {
    log.storage.flip(name, 70, 1);
    log.storage.flip(name, 4096 - SegmentHeader.BYTES + 70, 1);
  }

  // ---- the manifest

  @Test
  void damagedManifestIsRebuiltFromTheHeaders() throws IOException {
    for (WalOptions policy : List.of(SKIP, STOP)) {
      Remains log = threeSegments();
      log.storage.flip(Manifest.FILE, 50, 0);
      log.storage.flip(Manifest.FILE, Manifest.SECOND_SLOT_AT + 50, 0);
      RecoveryReport report = salvaged(log, policy, Logs.expected(1, 30));
      assertThat(report.manifestRebuilt()).isTrue();
      assertThat(report.setAside()).containsExactly("manifest.damaged");
    }
  }

  @Test
  void missingManifestIsRebuiltAlsoIfASegmentIsDamaged() throws IOException {
    Remains log = threeSegments();
    log.remove(Manifest.FILE);
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    RecoveryReport report = salvaged(log, SKIP, allBut(30, 15));
    assertThat(report.manifestRebuilt()).isTrue();
    isHole(only(report), Hole.Reason.DAMAGED, SECOND, 15, 15);
  }

  @Test
  void damagedManifestOfATruncatedLogBeginsWithItsOldestSegment() throws IOException {
    Remains log = threeSegments().work(Logs.SMALL, wal -> wal.truncateBefore(15));
    log.storage.flip(Manifest.FILE, 50, 0);
    log.storage.flip(Manifest.FILE, Manifest.SECOND_SLOT_AT + 50, 0);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(11, 30));
    assertThat(report.holes()).isEmpty();
  }

  @Test
  void newestWholeCheckpointAndSubscriptionsSurviveTheLossOfTheManifest() throws IOException {
    Remains log =
        threeSegments()
            .work(
                Logs.SMALL,
                wal -> {
                  wal.checkpoint(12, target -> target.write(1));
                  wal.subscribe("reader", 14).close();
                  wal.checkpoint(17, target -> target.write(2));
                });
    log.storage.flip(Manifest.FILE, 50, 0);
    log.storage.flip(Manifest.FILE, Manifest.SECOND_SLOT_AT + 50, 0);
    for (WalOptions policy : List.of(SKIP, Logs.SMALL)) {
      try (Wal wal = log.open(policy)) {
        assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(17);
        assertThat(CheckpointTest.read(wal)).containsExactly(2);
        assertThat(wal.subscriptions().getFirst().acked()).isEqualTo(13);
        assertThat(wal.firstLsn()).isLessThanOrEqualTo(14); // it may rise to that at any time
        assertThat(Logs.read(wal, 14)).isEqualTo(Logs.expected(14, 30));
      }
    }
  }

  @Test
  void rotOfEitherManifestSlotAfterATruncationHarmsNothing() throws IOException {
    for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      Remains log = threeSegments().work(Logs.SMALL, wal -> wal.truncateBefore(15));
      log.storage.flip(Manifest.FILE, slot + 50, 0);
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(wal.firstLsn(), 30));
        assertThat(wal.firstLsn()).isBetween(11L, 15L);
      }
    }
  }

  // ---- later

  @Test
  void cursorBegunInAHoleGoesOnBehindIt() throws IOException {
    Remains log = threeSegments();
    log.remove(SECOND);
    log.spoilPayload(THIRD, log.frames(THIRD).get(3));
    try (Wal wal = log.open(SKIP)) {
      assertThat(Logs.read(wal, 13))
          .isEqualTo(allBut(30, range(1, 20)).stream().filter(r -> !r.startsWith("24:")).toList());
      assertThat(Logs.read(wal, 24)).isEqualTo(Logs.expected(25, 30));
    }
  }

  @Test
  void damageFoundByACursorNamesTheLogTheFileAndWhatToDo() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    try (Wal wal = log.open()) {
      CorruptWalException found =
          org.assertj.core.api.Assertions.catchThrowableOfType(
              CorruptWalException.class, () -> Logs.read(wal));
      assertThat(found).hasMessageStartingWith("memory: " + SECOND + " at byte ");
      assertThat(found).hasMessageContaining("LSN 15 to 20").hasMessageContaining("SKIP");
    }
  }

  @Test
  void wholeLogIsOpenedAsIfThereWereNoPolicy() throws IOException {
    for (WalOptions policy : List.of(SKIP, STOP)) {
      Remains log = threeSegments();
      try (Wal wal = log.open(policy)) {
        assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
        assertThat(wal.recovery().holes()).isEmpty();
        assertThat(wal.recovery().verifiedBytes()).isPositive();
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
        assertThat(wal.append(Logs.record(31))).isEqualTo(31);
      }
    }
  }

  @Test
  void verifyOnOpenRefusesWhatOpeningAloneDoesNotSee() throws IOException {
    Remains log = threeSegments();
    Frame damaged = log.frames(FIRST).get(4);
    log.spoilPayload(FIRST, damaged);
    WalOptions verified =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();
    CorruptWalException refusal = TailVerdictTest.refused(log, verified);
    assertThat(refusal.file()).isEqualTo(FIRST);
    assertThat(refusal.offset()).isEqualTo(damaged.offset());
    assertThat(refusal.lostFrom()).isEqualTo(5);
    assertThat(refusal.lostTo()).isEqualTo(5);
  }

  // ---- STOP

  @Test
  void stopEndsTheLogBeforeTheFirstDamageAndSetsTheRestAside() throws IOException {
    Remains log = fourSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    RecoveryReport report = salvaged(log, STOP, Logs.expected(1, 14));
    isHole(only(report), Hole.Reason.CUT, SECOND, 15, 40);
    assertThat(report.setAside())
        .containsExactly("0000000000000003.aside", "0000000000000004.aside");
    assertThat(report.raisedLsn()).isEqualTo(41);
  }

  @Test
  void stopWithinTheNewestSegmentKeepsWhatIsBeforeTheDamage() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(THIRD, log.frames(THIRD).get(4));
    RecoveryReport report = salvaged(log, STOP, Logs.expected(1, 24));
    isHole(only(report), Hole.Reason.CUT, THIRD, 25, 30);
  }

  @Test
  void stopAtAMissingSegmentKeepsTheOnesBefore() throws IOException {
    Remains log = threeSegments();
    log.remove(SECOND);
    RecoveryReport report = salvaged(log, STOP, Logs.expected(1, 10));
    assertThat(report.setAside()).containsExactly("0000000000000003.aside");
  }

  @Test
  void stopAtAMissingFirstSegmentLeavesAnEmptyLogThatGoesOn() throws IOException {
    Remains log = threeSegments();
    log.remove(FIRST);
    RecoveryReport report = salvaged(log, STOP, List.of());
    assertThat(report.raisedLsn()).isEqualTo(31);
  }

  @Test
  void stopDoesNotStopWhereNoRecordIsLost() throws IOException {
    Remains log = threeSegments();
    spoilHeaders(log, SECOND);
    salvaged(log, STOP, Logs.expected(1, 30));
  }
}
