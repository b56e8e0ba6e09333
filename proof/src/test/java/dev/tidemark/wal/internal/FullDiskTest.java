package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A disk without space: appends are refused before they get an LSN, and nothing else happens.
@Timeout(60)
class FullDiskTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  // A log of the active segment and its spares, on a disk that has no byte more.
  private Wal openFull() throws IOException {
    Wal wal = Logs.open(storage);
    Logs.awaitSpares(wal);
    storage.capacity(storage.usedBytes());
    return wal;
  }

  /// Appends until the disk is full.
  private static int fill(Wal wal, int from) throws IOException {
    int n = from;
    while (true) {
      try {
        assertThat(wal.append(Logs.record(n))).isEqualTo(n);
        n++;
      } catch (WalFullException e) {
        return n - 1;
      }
    }
  }

  private static void awaitAppend(Wal wal, int n) throws IOException {
    while (true) {
      try {
        assertThat(wal.append(Logs.record(n))).isEqualTo(n);
        return;
      } catch (WalFullException e) {
        Thread.onSpinWait(); // the next try to prepare a segment is on its way
      }
    }
  }

  @Test
  void refusedAppendAssignsNothingAndHarmsNothing() throws Exception {
    try (Wal wal = openFull()) {
      int last = fill(wal, 1);
      assertThat(last).isGreaterThan(50);
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> wal.append(Logs.record(0)))
            .isInstanceOf(WalFullException.class)
            .hasMessageContaining("free some");
        assertThatThrownBy(() -> wal.appendAsync(MemorySegment.ofArray(new byte[9])))
            .isInstanceOf(WalFullException.class);
      }
      assertThat(wal.lastLsn()).isEqualTo(last);
      assertThat(wal.durableLsn()).isEqualTo(last);
      assertThat(wal.sync()).isEqualTo(last);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
    }
  }

  @Test
  void freedSpaceLetsTheLogGoOnByItself() throws Exception {
    try (Wal wal = openFull()) {
      int last = fill(wal, 1);
      storage.capacity(Long.MAX_VALUE);
      awaitAppend(wal, last + 1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last + 1));
    }
  }

  @Test
  void truncationLetsTheLogGoOn() throws Exception {
    try (Wal wal = openFull()) {
      int last = fill(wal, 1);
      wal.truncateBefore(last);
      awaitAppend(wal, last + 1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last, last + 1));
    }
  }

  @Test
  void whatWasAdmittedIsNeverRefusedLater() throws Exception {
    for (int bytes : new int[] {0, 1, 56, 57, 200, 500, 896}) {
      SimulatedDisk disk = new SimulatedDisk();
      Wal wal = Logs.open(disk);
      Logs.awaitSpares(wal);
      disk.capacity(disk.usedBytes());
      List<CompletableFuture<Long>> admitted = new ArrayList<>();
      try {
        while (true) {
          admitted.add(wal.appendAsync(MemorySegment.ofArray(new byte[bytes])));
        }
      } catch (WalFullException e) {
        assertThat(wal.lastLsn()).isEqualTo(admitted.size());
      }
      for (int n = 1; n <= admitted.size(); n++) {
        assertThat(admitted.get(n - 1).get(10, TimeUnit.SECONDS)).isEqualTo(n);
      }
      wal.close();
      assertThat(disk.operations()).noneMatch(o -> o.contains(".wal ") && o.endsWith("failed"));
    }
  }

  @Test
  void fullDiskCanBeOpenedReadAndTruncatedWithTheReserve() throws Exception {
    int last;
    SimulatedDisk killed;
    try (Wal wal = openFull()) {
      last = fill(wal, 1);
      killed = storage.crash(Crash.losingUnsynced());
    }
    try (Wal wal = Logs.open(killed)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
      wal.truncateBefore(last + 1);
      awaitAppend(wal, last + 1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last + 1, last + 1));
    }
  }

  @Test
  void fullDiskWithoutTheReserveRefusesToGoOnBehindATornEndAndLosesNothing() throws Exception {
    int last;
    SimulatedDisk killed;
    try (Wal wal = openFull()) {
      last = fill(wal, 1);
      killed = storage.crash(Crash.losingUnsynced());
    }
    String reserve = killed.list().stream().filter(n -> n.endsWith(".wal")).toList().getLast();
    killed.delete(reserve);
    killed.syncDirectory();
    killed.capacity(killed.usedBytes());
    Remains log = new Remains(killed);
    log.put(log.newest(), log.end(log.newest()), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> Logs.open(killed)).isInstanceOf(WalFullException.class);
    killed.capacity(Long.MAX_VALUE);
    try (Wal wal = Logs.open(killed)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
    }
  }

  @Test
  void creationOnAFullDiskIsRefusedAndSucceedsLater() throws Exception {
    for (long bytes : new long[] {0, 100, Manifest.FILE_BYTES, Manifest.FILE_BYTES + 4095}) {
      SimulatedDisk disk = new SimulatedDisk();
      disk.capacity(bytes);
      assertThatThrownBy(() -> Logs.open(disk)).isInstanceOf(WalFullException.class);
      disk.capacity(Long.MAX_VALUE);
      try (Wal wal = Logs.open(disk)) {
        Logs.append(wal, 1, 1);
      }
    }
  }

  @Test
  void batchWhoseSegmentCannotBePreparedIsRefusedAndAssignsNothing() throws Exception {
    try (Wal wal = openFull()) {
      Logs.append(wal, 1, 1);
      Batch batch = new Batch();
      for (int i = 0; i < 60; i++) {
        batch.add(new byte[100]);
      }
      assertThatThrownBy(() -> wal.append(batch))
          .isInstanceOf(WalFullException.class)
          .hasMessageContaining("no segment of");
      assertThat(wal.lastLsn()).isEqualTo(1);
      Logs.append(wal, 2, 2);
      storage.capacity(Long.MAX_VALUE);
      assertThat(wal.append(batch)).isEqualTo(62);
      assertThat(storage.list()).noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  @Test
  void rotationOnAFullDiskIsRefusedAndTheSegmentGoesOn() throws Exception {
    try (Wal wal = openFull()) {
      Logs.append(wal, 1, 1);
      wal.rotate(); // the spare that is not the reserve
      Logs.append(wal, 2, 2);
      assertThatThrownBy(wal::rotate).isInstanceOf(WalFullException.class);
      Logs.append(wal, 3, 3);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
      assertThat(wal.segments()).hasSize(2);
    }
    try (Wal wal = Wal.open(storage, Host.system(), Logs.SMALL)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
    }
  }

  // Control records use up the reserve; then nothing is left but the active segment.
  @Test
  void logThatHasNoSpareLeftOpensAgainAndCanBeTruncated() throws Exception {
    SimulatedDisk disk = storage;
    int last;
    try (Wal wal = openFull()) {
      last = fill(wal, 1);
      disk = storage.crash(Crash.keepingAll()); // active, and the reserve
    }
    for (int life = 0; life < 4; life++) {
      SimulatedDisk killed;
      try (Wal wal = Logs.open(disk)) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
        assertThatThrownBy(() -> wal.append(Logs.record(0))).isInstanceOf(WalFullException.class);
        assertThat(wal.appendControl(Logs.record(last + 1))).isEqualTo(last + 1);
        last++;
        killed = disk.crash(life % 2 == 0 ? Crash.keepingAll() : Crash.losingUnsynced());
      } // closed in an orderly way, it opens as well
      disk = life == 2 ? disk : killed;
    }
    try (Wal wal = Logs.open(disk)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, last));
      wal.truncateBefore(last);
      awaitAppend(wal, last + 1);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last, last + 1));
    }
  }

  // What a power cut left of frames behind the end must not go on behind what is written there.
  @Test
  void whatStandsBehindTheEndIsZeroedBeforeTheLogGoesOnThere() throws Exception {
    try (Wal wal = openFull()) {
      Logs.append(wal, 1, 3);
    }
    Remains log = new Remains(storage.crash(Crash.keepingAll()));
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(4)));
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(5)));
    String newest = log.newest();
    byte[] before = log.storage.bytes(newest);
    int end = (int) log.end(newest);
    log.put(newest, end + 1024, new byte[] {1, 2, 3}); // behind the window that opening looks at
    SegmentHeader header = log.header(newest);
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 5));
      byte[] after = log.storage.durableBytes(newest);
      int behindTheMark = end + FrameLayout.HEADER_BYTES;
      assertThat(Arrays.copyOfRange(after, behindTheMark, (int) header.limit())).containsOnly(0);
      assertThat(Arrays.copyOf(after, end)).isEqualTo(Arrays.copyOf(before, end));
    }
  }

  // As the header of another segment would promise it.
  @Test
  void whatWasFoundIsPromisedByAMarkBeforeTheLogGoesOnBehindIt() throws Exception {
    try (Wal wal = openFull()) {
      Logs.append(wal, 1, 3);
    }
    Remains log = new Remains(storage.crash(Crash.keepingAll()));
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(4)));
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(5)));
    String newest = log.newest();
    long end = log.end(newest);
    try (Wal _ = log.open()) {
      Remains cut = new Remains(log.storage.crash(Crash.losingUnsynced()));
      Remains.Frame mark = cut.frames(newest).getLast();
      assertThat(mark.offset()).isEqualTo(end);
      assertThat(mark.kind()).isEqualTo(Remains.MARK);
      assertThat(mark.durableLsn()).isEqualTo(5);
    }
  }

  @Test
  void closeVouchesForTheLastRecordsAlsoWhereItCannotSeal() throws Exception {
    SimulatedDisk disk;
    try (Wal wal = openFull()) {
      Logs.append(wal, 1, 3);
      disk = storage.crash(Crash.keepingAll());
    }
    disk.capacity(disk.usedBytes());
    Remains log = new Remains(disk);
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(4)));
    log = log.work(Logs.SMALL, wal -> wal.appendControl(Logs.record(5)));
    try (Wal wal = log.open()) {
      wal.appendControl(Logs.record(6));
    }
    Remains closed = new Remains(log.storage.crash(Crash.losingUnsynced()));
    closed.storage.capacity(Long.MAX_VALUE);
    String newest = closed.newest();
    Remains.Frame last =
        closed.frames(newest).stream().filter(frame -> frame.lastLsn() == 6).findFirst().get();
    closed.spoilPayload(newest, last);
    assertThat(TailVerdictTest.refused(closed).lostTo()).isEqualTo(6);
  }
}
