package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Segments that are removed although their records are still needed.
@Timeout(60)
class RemoveSegmentTest {
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String SECOND_GONE = SegmentHeader.goneName(2);

  private static List<String> allButTheSecond() {
    List<String> records = new ArrayList<>(Logs.expected(1, 10));
    records.addAll(Logs.expected(21, 30));
    return records;
  }

  @Test
  void removedSegmentIsAHoleForCursorsAndForTheNextProcess() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      wal.removeSegment(2);
      isRemoved(wal);
      wal.removeSegment(2); // changes nothing
    }
    try (Wal wal = log.open()) {
      isRemoved(wal);
      assertThat(wal.append(Logs.record(31))).isEqualTo(31);
    }
  }

  private static void isRemoved(Wal wal) throws IOException {
    assertThat(Logs.read(wal)).isEqualTo(allButTheSecond());
    assertThat(Logs.read(wal, 15)).isEqualTo(Logs.expected(21, 30));
    assertThat(wal.holes()).containsExactly(new Hole(Hole.Reason.REMOVED, 11, 20, 2, SECOND, 0, 0));
    assertThat(wal.segments()).extracting(Segment::number).doesNotContain(2L);
  }

  @Test
  void whatIsLeftTakesNextToNoSpace() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      wal.removeSegment(2);
      assertThat(log.storage.bytes(SECOND_GONE)).hasSize(2 * SegmentHeader.BYTES);
      assertThat(log.storage.list()).doesNotContain(SECOND);
    }
  }

  @Test
  void worksOnAFullDisk() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      Logs.awaitSpares(wal);
      log.storage.capacity(log.storage.usedBytes());
      wal.removeSegment(2);
      isRemoved(wal);
    }
  }

  @Test
  void cursorInTheSegmentGoesOnBehindIt() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open();
        Cursor cursor = wal.read(11)) {
      assertThat(cursor.next()).isTrue();
      wal.removeSegment(2);
      List<Long> lsns = new ArrayList<>();
      while (cursor.next()) {
        lsns.add(cursor.lsn());
      }
      assertThat(lsns.subList(lsns.size() - 10, lsns.size())).first().isEqualTo(21L);
    }
  }

  @Test
  void firstSegmentAndSeveralInARowCanBeRemoved() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      wal.removeSegment(2);
      wal.removeSegment(1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 30));
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 30));
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(1L, 11L);
    }
  }

  @Test
  void goesWhenTheLowWaterMarkPassesIt() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      wal.removeSegment(2);
      wal.truncateBefore(15);
      assertThat(log.storage.list()).contains(SECOND_GONE);
      wal.truncateBefore(21);
      assertThat(log.storage.list()).doesNotContain(SECOND_GONE);
      assertThat(wal.holes()).isEmpty();
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 30));
    }
  }

  @Test
  void activeAndUnknownSegmentsAreRefusedByNumber() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      long active = wal.segments().getLast().number();
      assertThatThrownBy(() -> wal.removeSegment(active))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("active");
      for (long number : new long[] {-1, 0, 99}) {
        assertThatThrownBy(() -> wal.removeSegment(number))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("no segment " + number);
      }
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
    }
  }

  @Test
  void segmentBelowTheMarkIsRemovedAlready() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open()) {
      wal.truncateBefore(21);
      wal.removeSegment(1);
      wal.removeSegment(2);
      assertThat(wal.holes()).isEmpty();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(21, 30));
    }
  }

  @Test
  void holesListedInARemovedSegmentStay() throws IOException {
    Remains log = SalvageTest.threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    List<String> kept = SalvageTest.allBut(30, 15);
    try (Wal wal = log.open(SalvageTest.SKIP)) {
      Logs.append(wal, 31, 40);
      long salvaged = wal.segments().getLast().number();
      wal.rotate();
      wal.removeSegment(salvaged); // it listed the hole
      assertThat(Logs.read(wal)).isEqualTo(kept);
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(kept);
      assertThat(wal.holes()).extracting(Hole::fromLsn).containsExactly(15L, 31L);
    }
  }

  @Test
  void removalThatCrashedAtAnyStepWasDoneOrNot() throws IOException {
    SimulatedDisk storage = SalvageTest.threeSegments().storage.crash(Crash.losingUnsynced());
    List<SimulatedDisk> moments = new ArrayList<>();
    Runnable remember =
        () -> {
          synchronized (moments) {
            moments.add(storage.crash(Crash.keepingAll()));
          }
        };
    try (Wal wal = Wal.open(new WatchedStorage(storage, remember), new FakeHost(1), Logs.SMALL)) {
      Logs.awaitSpares(wal);
      synchronized (moments) {
        moments.clear();
      }
      wal.removeSegment(2);
    }
    int removed = 0;
    for (int i = 0; i < moments.size(); i++) {
      for (int seed = -2; seed < 10; seed++) {
        Crash crash =
            seed == -2
                ? Crash.keepingAll()
                : seed == -1 ? Crash.losingUnsynced() : Crash.random(seed);
        SimulatedDisk left = moments.get(i).crash(crash);
        try (Wal wal = Wal.open(left, new FakeHost(2), Logs.SMALL)) {
          List<String> records = Logs.read(wal);
          boolean gone = records.equals(allButTheSecond());
          assertThat(gone || records.equals(Logs.expected(1, 30))).as("step " + i).isTrue();
          if (gone) {
            removed++;
            assertThat(left.bytes(SECOND_GONE)).hasSize(2 * SegmentHeader.BYTES);
          }
          assertThat(gone || i < 2).as("step " + i).isTrue(); // the directory was synced
        }
      }
    }
    assertThat(removed).isPositive();
  }

  @Test
  void removalThatFailedIsDoneByTheNextCall() throws IOException {
    for (Faults.Operation call :
        List.of(Faults.Operation.RENAME, Faults.Operation.SYNC_DIRECTORY)) {
      Remains log = SalvageTest.threeSegments();
      Remains cut;
      try (Wal wal = log.open()) {
        Logs.awaitSpares(wal);
        log.storage.faults().fail(call, 1, new IOException("planned"));
        assertThatThrownBy(() -> wal.removeSegment(2)).hasMessageContaining("planned");
        wal.removeSegment(2);
        assertThat(log.storage.list()).doesNotContain(SegmentHeader.fileName(2));
        cut = new Remains(log.storage.crash(Crash.losingUnsynced()));
      }
      try (Wal wal = cut.open()) {
        assertThat(wal.holes()).as("%s failed", call).hasSize(1);
      }
    }
  }
}
