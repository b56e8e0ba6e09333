package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.SalvageTest.SKIP;
import static dev.tidemark.wal.internal.SalvageTest.STOP;
import static dev.tidemark.wal.internal.SalvageTest.allBut;
import static dev.tidemark.wal.internal.SalvageTest.salvaged;
import static dev.tidemark.wal.internal.SalvageTest.threeSegments;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of a log that was salvaged before: it goes on, is damaged again, and is truncated.
@Timeout(60)
class SalvagedAgainTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String THIRD = SegmentHeader.fileName(3);
  private static final String FOURTH = SegmentHeader.fileName(4);

  @Test
  void salvagedLogIsSalvagedAgain() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    salvaged(log, SKIP, allBut(30, 15)); // appends 31 and 32, in segments 4 and 5
    log.spoilPayload(FIRST, log.frames(FIRST).get(6));
    log.spoilPayload(SECOND, log.frames(SECOND).get(3)); // right before the hole
    try (Wal wal = log.open(SKIP)) {
      assertThat(wal.recovery().holes()).extracting(Hole::fromLsn).containsExactly(7L, 14L);
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(7L, 14L, 15L);
      assertThat(Logs.read(wal)).hasSize(29).contains("31:record 0", "32:record 1");
    }
    try (Wal wal = log.open()) {
      assertThat(wal.holes()).hasSize(3);
      assertThat(Logs.read(wal)).hasSize(29);
    }
  }

  @Test
  void holesGoWithTheSegmentsThatHeldThem() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    try (Wal wal = log.open(SKIP)) {
      Logs.append(wal, 31, 40);
      wal.truncateBefore(21);
      assertThat(wal.holes()).isEmpty();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 40));
    }
    try (Wal wal = log.open()) {
      assertThat(wal.holes()).isEmpty();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 40));
    }
  }

  @Test
  void truncationIntoAMissingSegmentRemovesWhatIsLeftOfIt() throws IOException {
    Remains log = threeSegments();
    log.remove(SECOND);
    try (Wal wal = log.open(SKIP)) {
      assertThat(log.storage.list()).contains("0000000000000002.gone");
      wal.truncateBefore(25);
      assertThat(log.storage.list()).doesNotContain("0000000000000002.gone", FIRST);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(25, 30));
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(25, 30));
    }
  }

  @Test
  void stopOfASalvagedLogKeepsTheHolesBefore() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(FIRST, log.frames(FIRST).get(4));
    salvaged(log, SKIP, allBut(30, 5));
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    try (Wal wal = log.open(STOP)) {
      assertThat(Logs.read(wal)).isEqualTo(allBut(14, 5));
      assertThat(wal.append(Logs.record(0))).isEqualTo(33);
    }
    try (Wal wal = log.open()) {
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(5L, 15L);
      assertThat(Logs.read(wal)).hasSize(14);
    }
  }

  // ---- the list of holes

  // Three segments, a hole at LSN 15, and a fourth segment that says so at its head.
  private static Remains withAList() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    return log.work(SKIP, wal -> Logs.append(wal, 31, 33));
  }

  private static List<String> allBut15(long last) {
    return allBut(last, 15);
  }

  @Test
  void damagedListOfHolesIsMadeAnew() throws IOException {
    Remains log = withAList();
    log.spoilPayload(FOURTH, log.frames(FOURTH).getFirst());
    RecoveryReport report = salvaged(log, SKIP, allBut15(33));
    assertThat(report.holes()).extracting(Hole::fromLsn).contains(15L);
    assertThat(report.lostLsns()).isEqualTo(1);
  }

  @Test
  void segmentWithADamagedListOfHolesMayBeRemoved() throws IOException {
    Remains log = withAList();
    log.spoilPayload(FOURTH, log.frames(FOURTH).getFirst());
    try (Wal wal = log.open(SKIP)) {
      wal.removeSegment(4);
      assertThat(Logs.read(wal)).isEqualTo(allBut15(30));
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(allBut15(30));
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(15L, 31L);
    }
  }

  @Test
  void listOfHolesThatIsDamagedInARemovedSegmentIsMadeAnew() throws IOException {
    Remains log =
        withAList()
            .work(
                Logs.SMALL,
                wal -> {
                  Logs.append(wal, 34, 36);
                  wal.removeSegment(4);
                });
    String gone = SegmentHeader.goneName(4);
    assertThat(log.storage.list()).contains(gone);
    log.storage.flip(gone, SegmentHeader.BYTES + FrameLayout.HEADER_BYTES + 5L, 3);
    List<String> kept = allBut(36, 15, 31, 32, 33);
    try (Wal wal = log.open(SKIP)) {
      assertThat(Logs.read(wal)).isEqualTo(kept);
      assertThat(Follow.read(log.storage)).isEqualTo(kept);
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(kept);
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(15L, 31L);
    }
  }

  @Test
  void firstGroupBehindADamagedListOfHolesIsKeptThoughNothingVouchesForIt() throws IOException {
    Remains log = threeSegments();
    log.storage.truncate(THIRD, log.frames(THIRD).get(5).offset());
    long[] far = new long[1];
    log = log.work(SKIP, wal -> far[0] = wal.append(Logs.record(0)));
    assertThat(far[0]).as("raised").isGreaterThan(1000);
    log.spoilPayload(FOURTH, log.frames(FOURTH).getFirst());
    List<String> kept = new ArrayList<>(Logs.expected(1, 25));
    kept.add(far[0] + ":record 0");
    salvaged(log, SKIP, kept);
  }

  // Two segments that have more frames than there may be holes, of which every second is damaged.
  @Tag("slow") // so that mutation testing leaves it out
  @Test
  void asManyHolesAsAListCanHoldAreAcceptedAndOneMoreIsRefused() throws IOException {
    WalOptions.Builder large = WalOptions.builder().segmentBytes(16 << 20).stagingBytes(1 << 20);
    WalOptions skip = large.onCorruption(OnCorruption.SKIP).build();
    WalOptions fail = large.onCorruption(OnCorruption.FAIL).build();
    Remains log =
        Remains.of(
            fail,
            wal -> {
              for (String _ : List.of(FIRST, SECOND)) {
                for (int i = 0; i < HoleFrames.MAX + 4; i++) {
                  wal.append(new byte[] {1});
                }
                wal.rotate();
              }
              wal.append(new byte[] {2});
              Logs.awaitSpares(wal);
            });
    List<Frame> frames = List.of();
    for (String name : List.of(FIRST, SECOND)) {
      frames = log.frames(name);
      byte[] bytes = log.storage.bytes(name);
      for (int i = 0; i < HoleFrames.MAX / 2; i++) {
        bytes[(int) frames.get(2 * i).offset() + FrameLayout.HEADER_BYTES] ^= 1;
      }
      log.storage.replace(name, bytes);
    }
    Remains oneMore = new Remains(log.storage.crash(Crash.keepingAll()));
    try (Wal wal = log.open(skip)) {
      assertThat(wal.recovery().lostLsns()).isEqualTo(HoleFrames.MAX);
    }
    try (Wal wal = log.open(fail)) {
      assertThat(wal.holes()).hasSize(HoleFrames.MAX);
    }
    oneMore.storage.flip(
        SECOND, frames.get(HoleFrames.MAX + 2).offset() + FrameLayout.HEADER_BYTES, 0);
    Map<String, String> before = oneMore.bytes();
    assertThatThrownBy(() -> oneMore.open(skip))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining("65536")
        .hasMessageContaining("put back a copy");
    assertThat(oneMore.bytes()).isEqualTo(before);
  }

  // ---- no LSN twice

  @Test
  void newestSegmentThatNothingNamesAnyMoreRaisesTheNextLsn() throws IOException {
    Remains log = threeSegments();
    log.storage.flip(Manifest.FILE, 50, 0);
    log.storage.flip(Manifest.FILE, Manifest.SECOND_SLOT_AT + 50, 0);
    spoilHeaders(log, THIRD);
    RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 20));
    assertThat(report.raisedLsn()).isGreaterThan(31);
    assertThat(report.setAside()).contains("0000000000000003.damaged");
  }

  @Test
  void newestSegmentWithoutItsHeadersThatWasCutRaisesTheNextLsn() throws IOException {
    for (int left = 1; left < 9; left++) {
      Remains log = threeSegments();
      List<Frame> frames = log.frames(THIRD);
      spoilHeaders(log, THIRD);
      log.storage.truncate(THIRD, frames.get(left).offset());
      RecoveryReport report = salvaged(log, SKIP, Logs.expected(1, 20 + left));
      assertThat(report.raisedLsn()).as("%s frames left", left).isGreaterThan(31);
    }
  }

  private static void spoilHeaders(Remains log, String name) {
    log.storage.flip(name, 70, 1);
    log.storage.flip(name, 4096 - SegmentHeader.BYTES + 70, 1);
  }

  // ---- what stands in the page cache alone

  // A sync that fails may leave pages that count as written: no later sync writes them.
  @Test
  void headerThatNoSyncHasReachedIsWrittenAgainByTheSalvageThatReliesOnIt() throws IOException {
    int adopted = 0;
    for (int failing = 1; failing <= 6; failing++) {
      Remains log = new Remains(afterFailedSync(failing));
      log.spoilPayload(FIRST, log.frames(FIRST).get(4));
      boolean unnamed = log.manifest().lastNumber() == 2;
      boolean there = Chain.readHeader(log.storage, 3) instanceof SegmentHeader.Found.Valid;
      adopted += unnamed && there ? 1 : 0;
      List<String> kept;
      SimulatedDisk cut;
      try (Wal wal = log.open(SKIP)) {
        kept = Logs.read(wal);
        cut = log.storage.crash(Crash.losingUnsynced());
      }
      assertThat(kept).hasSizeBetween(19, 21).doesNotContain("5:record 5");
      try (Wal wal = new Remains(cut).open()) {
        assertThat(Logs.read(wal)).isEqualTo(kept);
      }
    }
    assertThat(adopted).isPositive();
  }

  // What a kill leaves of a log of two segments that failed while it activated the third.
  private static SimulatedDisk afterFailedSync(int failing) throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal wal = Wal.open(storage, new FakeHost(1), Logs.SMALL);
    Logs.append(wal, 1, 10);
    wal.rotate();
    Logs.append(wal, 11, 20);
    Logs.awaitSpares(wal);
    storage.capacity(storage.usedBytes()); // no spare is prepared that would meet the failure
    storage.faults().failedSyncsForget();
    storage.faults().fail(Faults.Operation.SYNC, failing, new IOException("no"));
    try (wal) {
      wal.rotate();
      Logs.append(wal, 21, 22);
    } catch (IOException _) {
      // its failure is final
    }
    storage.faults().clear();
    storage.capacity(Long.MAX_VALUE);
    return storage.crash(Crash.keepingAll());
  }

  // ---- what was accepted, and is damaged further

  // Opens with SKIP, where every LSN up to the last is delivered or in a hole, and again without.
  private static void nothingIsLostInSilence(Remains log) throws IOException {
    List<String> records;
    try (Wal wal = log.open(SKIP)) {
      records = Logs.read(wal);
      for (long lsn = 1; lsn <= wal.recovery().lastLsn(); lsn++) {
        long at = lsn;
        boolean there = records.stream().anyMatch(record -> record.startsWith(at + ":"));
        boolean hole =
            wal.holes().stream().anyMatch(one -> one.fromLsn() <= at && at <= one.toLsn());
        assertThat(there || hole).as("LSN %s", at).isTrue();
      }
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(records);
    }
  }

  private static Remains withAHoleIn(String name, int frame) throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(name, log.frames(name).get(frame));
    return log.work(SKIP, wal -> Logs.append(wal, 31, 31));
  }

  @Test
  void firstSegmentWithAHoleIsLost() throws IOException {
    Remains log = withAHoleIn(FIRST, 4);
    log.storage.delete(FIRST);
    nothingIsLostInSilence(log);
  }

  @Test
  void firstSegmentWithAHoleIsLostAndMore() throws IOException {
    Remains log = withAHoleIn(FIRST, 4);
    log.storage.delete(FIRST);
    log.spoilPayload(THIRD, log.frames(THIRD).get(4));
    nothingIsLostInSilence(log);
  }

  @Test
  void endBeforeALostSegmentIsLostLater() throws IOException {
    Remains log = threeSegments();
    log.storage.delete(SECOND);
    log = log.work(SKIP, wal -> Logs.append(wal, 31, 31));
    log.storage.delete(SegmentHeader.goneName(2));
    log.storage.truncate(FIRST, log.frames(FIRST).get(6).offset());
    nothingIsLostInSilence(log);
  }

  @Test
  void whatIsLeftOfALostSegmentIsLostAndTheHeadersOfTheOneBefore() throws IOException {
    Remains log = fromSecond();
    log.storage.delete(THIRD);
    log = log.work(SKIP, wal -> Logs.append(wal, 41, 41));
    log.storage.delete(SegmentHeader.goneName(3));
    spoilHeaders(log, SECOND);
    TailVerdictTest.refused(log); // not a beginning that was accepted as lost
    try (Wal wal = log.open(SKIP)) {
      assertThat(wal.holes()).first().returns(11L, Hole::fromLsn);
      assertThat(Logs.read(wal)).startsWith("31:record 31").endsWith("41:record 41");
    }
  }

  // Four segments, of which the first was truncated.
  private static Remains fromSecond() throws IOException {
    return threeSegments()
        .work(
            Logs.SMALL,
            wal -> {
              Logs.append(wal, 31, 40);
              wal.truncateBefore(11);
              Logs.awaitSpares(wal);
            });
  }

  @Test
  void headersOfTwoInARowAreLostAndTheLaterHasAHoleAtItsHead() throws IOException {
    Remains log = withAHoleIn(THIRD, 0);
    spoilHeaders(log, SECOND);
    spoilHeaders(log, THIRD);
    nothingIsLostInSilence(log);
  }

  @Test
  void fileIsCutWithinAnAcceptedHole() throws IOException {
    Remains log = threeSegments();
    Frame damaged = log.frames(SECOND).get(4);
    log.spoilPayload(SECOND, damaged);
    log = log.work(SKIP, wal -> Logs.append(wal, 31, 31));
    log.storage.truncate(SECOND, damaged.offset() + 70);
    nothingIsLostInSilence(log);
  }

  @Test
  void newestSegmentHoldsADamagedListAndNothingElse() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    log.open(SKIP).close();
    log.zero(FOURTH, log.frames(FOURTH).getFirst());
    nothingIsLostInSilence(log);
  }

  @Test
  void newestIsLostBehindASegmentOfADamagedListAndNothingElse() throws IOException {
    Remains log =
        withAList()
            .work(
                Logs.SMALL,
                wal -> {
                  wal.rotate();
                  Logs.append(wal, 34, 35);
                });
    for (Frame frame : log.frames(FOURTH)) {
      log.zero(FOURTH, frame);
    }
    log.storage.delete(log.newest());
    List<String> records;
    try (Wal wal = log.open(SKIP)) {
      records = Logs.read(wal);
      assertThat(records).isEqualTo(allBut15(30));
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(records);
    }
  }

  @Test
  void stopBeforeTheFirstRecordBehindADamagedListOpensAgain() throws IOException {
    Remains log = threeSegments();
    log.spoilPayload(FIRST, log.frames(FIRST).get(4));
    log = log.work(STOP, wal -> Logs.append(wal, 31, 40)); // behind LSN 4
    List<Frame> frames = log.frames(FOURTH);
    log.zero(FOURTH, frames.get(0)); // the list
    log.zero(FOURTH, frames.get(1)); // the first record
    for (WalOptions options : List.of(STOP, Logs.SMALL)) {
      try (Wal wal = log.open(options)) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
      }
    }
  }

  @Test
  void noLsnExistsTwiceThoughTheNewestSegmentIsLostAgainAndAgain() throws IOException {
    Remains log = threeSegments();
    long last = 30;
    for (int round = 0; round < 4; round++) {
      log.storage.delete(log.newest());
      try (Wal wal = log.open(SKIP)) {
        for (int i = 0; i < 5; i++) {
          long lsn = wal.append(Logs.record(i));
          assertThat(lsn).as("round %s", round).isGreaterThan(last);
          last = lsn;
        }
      }
    }
  }
}
