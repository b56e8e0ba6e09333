package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Remains.Frame;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Files of removed segments that become segments again.
@Timeout(60)
class RecyclingTest {
  private final SimulatedDisk storage = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);

  private Wal open() throws IOException {
    return Wal.open(storage, host, Logs.SMALL);
  }

  /// Appends ten records of the same size and begins another segment, so often.
  private static void fill(Wal wal, int segments) throws IOException {
    for (int i = 0; i < segments; i++) {
      for (int n = 0; n < 10; n++) {
        wal.append(Logs.record(wal.lastLsn() + 1));
      }
      wal.rotate();
    }
  }

  private static void truncateAll(Wal wal) throws IOException {
    wal.truncateBefore(wal.durableLsn() + 1);
  }

  /// Goes through segments until the active one had another life, with frames of ten records behind
  /// its header. Nothing is written to it yet.
  private static void reachRecycled(Wal wal, Remains log) throws IOException {
    do {
      fill(wal, 1);
      truncateAll(wal);
    } while (!log.header(log.newest()).isRecycled());
  }

  private Remains killed() {
    return new Remains(storage.crash(Crash.keepingAll()));
  }

  @Test
  void removedSegmentBecomesASpareOnceItsHeadersAreDurablyGone() throws IOException {
    try (Wal wal = open()) {
      fill(wal, 1);
      Logs.awaitSpares(wal);
      storage.clearOperations();
      wal.truncateBefore(11);
      assertThat(wal.metrics().files().spares()).isEqualTo(Spares.WANTED + 1);
    }
    String old = SegmentHeader.fileName(1);
    String spare = storage.list().stream().filter(n -> n.endsWith(".wal")).toList().getLast();
    assertThat(storage.operations())
        .containsSequence(
            "sync manifest",
            "write " + old + " 0+320",
            "write " + old + " 3840+256",
            "sync " + old + " metadata",
            "rename " + old + " " + spare,
            "syncdir");
    assertThat(storage.operations()).noneMatch(o -> o.startsWith("delete"));
  }

  @Test
  void headerOfARecycledSegmentSaysSo() throws IOException {
    try (Wal wal = open()) {
      Remains log = new Remains(storage);
      assertThat(log.header(log.newest()).isRecycled()).isFalse();
      reachRecycled(wal, log);
      assertThat(log.header(log.newest()).flags()).isEqualTo(SegmentHeader.RECYCLED);
    }
  }

  @Test
  void numbersAreNeverReused() throws IOException {
    try (Wal wal = open()) {
      Remains log = new Remains(storage);
      long last = 0;
      for (int i = 0; i < 20; i++) {
        fill(wal, 1);
        truncateAll(wal);
        long number = log.manifest().lastNumber();
        assertThat(number).isGreaterThan(last);
        last = number;
      }
    }
  }

  @Test
  void sparesAreNeverMoreThanTheBoundAndTheRestIsRemoved() throws IOException {
    try (Wal wal = open()) {
      fill(wal, 12);
      Logs.awaitSpares(wal);
      truncateAll(wal);
      assertThat(wal.metrics().files().spares()).isEqualTo(Spares.KEPT);
      assertThat(storage.list()).filteredOn(n -> n.endsWith(".wal")).hasSize(Spares.KEPT + 1);
    }
  }

  @Test
  void onlyFilesOfTheConfiguredSizeBecomeSpares() throws IOException {
    try (Wal wal = open()) {
      Batch batch = new Batch();
      for (int i = 0; i < 60; i++) {
        batch.add(new byte[100]);
      }
      wal.append(batch);
      Remains log = new Remains(storage);
      String own = log.newest();
      assertThat(log.header(own).fileBytes()).isGreaterThan(4096);
      wal.rotate();
      truncateAll(wal);
      assertThat(storage.operations()).contains("delete " + own);
    }
  }

  @Test
  void fileThatWasCutIsRemoved() throws IOException {
    try (Wal wal = open()) {
      fill(wal, 1);
      String old = SegmentHeader.fileName(1);
      storage.truncate(old, 4000);
      truncateAll(wal);
      assertThat(storage.operations()).contains("delete " + old);
    }
  }

  // ---- what recovery makes of it

  @Test
  void bytesOfTheEarlierLifeBehindTheFramesAreACleanEnd() throws IOException {
    Remains log;
    long last;
    try (Wal wal = open()) {
      reachRecycled(wal, new Remains(storage));
      Logs.append(wal, (int) wal.lastLsn() + 1, (int) wal.lastLsn() + 3);
      last = wal.lastLsn();
      log = killed();
    }
    assertThat(SegmentHeader.isZero(tail(log))).isFalse(); // or this test shows nothing
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(wal.recovery().cutBytes()).isZero();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last - 2, last));
    }
  }

  private static java.lang.foreign.MemorySegment tail(Remains log) throws IOException {
    byte[] bytes = log.storage.bytes(log.newest());
    int from = (int) log.end(log.newest()) + FrameLayout.ALIGNMENT;
    return java.lang.foreign.MemorySegment.ofArray(
        Arrays.copyOfRange(bytes, from, bytes.length - SegmentHeader.BYTES));
  }

  @Test
  void activatedAndNeverWrittenToItIsGoneOnIn() throws IOException {
    Remains log;
    long last;
    try (Wal wal = open()) {
      reachRecycled(wal, new Remains(storage));
      last = wal.lastLsn();
      log = killed();
    }
    String newest = log.newest();
    assertThat(SegmentHeader.isZero(tail(log))).isFalse();
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(log.newest()).isEqualTo(newest);
      Logs.append(wal, (int) last + 1, (int) last + 1);
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last + 1, last + 1));
    }
  }

  @Test
  void oldFramesInPlaceOfTheZerosAreNeverTakenForRecords() throws IOException {
    Remains log;
    long last;
    byte[] before;
    try (Wal wal = open()) {
      Remains now = new Remains(storage);
      reachRecycled(wal, now);
      before = storage.bytes(now.newest());
      Logs.append(wal, (int) wal.lastLsn() + 1, (int) wal.lastLsn() + 3);
      last = wal.lastLsn();
      log = killed();
    }
    // The new frames are as long as the old ones, so an old frame stands exactly where they end.
    int end = (int) log.end(log.newest());
    log.put(log.newest(), end, Arrays.copyOfRange(before, end, end + 64));
    assertThat(Arrays.copyOfRange(before, end, end + 4)).asString().isEqualTo("TMFR");
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(wal.recovery().cutBytes()).isEqualTo(64);
      assertThat(wal.recovery().discardedTo()).isZero();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(last - 2, last));
    }
  }

  @Test
  void ownFrameBehindTheZerosIsAnUnvouchedTail() throws IOException {
    Remains log;
    long first;
    WalOptions options = Remains.NEVER_SYNCED;
    try (Wal wal = Wal.open(storage, host, options)) {
      reachRecycled(wal, new Remains(storage));
      first = wal.lastLsn() + 1;
      Logs.append(wal, (int) first, (int) first + 4);
      log = killed();
    }
    List<Frame> frames = log.frames(log.newest());
    log.zero(log.newest(), frames.get(2)); // the zeros that ended the write before are there again
    try (Wal wal = log.open(options)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
      assertThat(wal.recovery().discardedFrom()).isEqualTo(first + 2);
      assertThat(wal.recovery().discardedTo()).isEqualTo(first + 4);
      assertThat(wal.recovery().cutBytes())
          .isEqualTo(frames.getLast().end() - frames.get(2).offset());
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(first, first + 1));
    }
  }

  @Test
  void promisedFrameThatIsZeroedIsCorruption() throws IOException {
    Remains log;
    long first;
    try (Wal wal = open()) {
      reachRecycled(wal, new Remains(storage));
      first = wal.lastLsn() + 1;
      Logs.append(wal, (int) first, (int) first + 4);
      log = killed();
    }
    log.zero(log.newest(), log.frames(log.newest()).get(2));
    assertThat(TailVerdictTest.refused(log).lostFrom()).isEqualTo(first + 2);
  }

  // ---- cursors

  @Test
  void cursorAtTheEndOfARecycledFileGoesOn() throws IOException {
    try (Wal wal = open()) {
      fill(wal, 1);
      Logs.awaitSpares(wal);
      try (Cursor cursor = wal.read(11)) {
        assertThat(cursor.next()).isFalse();
        for (int round = 0; round < 8; round++) { // each file has several lives meanwhile
          long lsn = wal.lastLsn() + 1;
          Logs.append(wal, (int) lsn, (int) lsn + 5);
          while (cursor.next()) {
            assertThat(cursor.lsn()).isEqualTo(lsn);
            assertThat(cursor.bytes()).isEqualTo(Logs.record(lsn++));
          }
          assertThat(lsn).isEqualTo(wal.lastLsn() + 1);
          wal.rotate();
          truncateAll(wal);
        }
      }
    }
  }

  @Test
  void cursorThatOpenedTheFileBeforeItWasRecycledDoesNotReadTheNextLife() throws IOException {
    AtomicReference<@Nullable Work> onRead = new AtomicReference<>();
    Storage watched = watched(onRead);
    try (Wal wal = Wal.open(watched, host, Logs.SMALL)) {
      Logs.append(wal, 1, 10);
      Logs.awaitSpares(wal);
      // It wants what comes behind the last, so it holds no segment, and looks for it in this one.
      try (Cursor cursor = wal.read(11)) {
        wal.rotate();
        Logs.append(wal, 11, 11);
        onRead.set(
            () -> {
              wal.truncateBefore(11);
              do { // until the file has another life, and frames in it
                fill(wal, 1);
              } while (!new Remains(storage).header(new Remains(storage).newest()).isRecycled());
              fill(wal, 1);
            });
        long lsn = 11;
        while (cursor.next()) {
          assertThat(cursor.bytes()).isEqualTo(Logs.record(lsn++));
        }
        assertThat(lsn).isEqualTo(wal.lastLsn() + 1);
        assertThat(onRead).hasNullValue();
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  /// The storage, which does some work before the first read through a file opened for reading.
  private Storage watched(AtomicReference<@Nullable Work> onRead) {
    return delegating(
        Storage.class,
        storage,
        (method, result) ->
            method.equals("openForRead")
                ? delegating(
                    StorageFile.class,
                    (StorageFile) result,
                    (call, answer) -> answer,
                    call -> {
                      Work work = call.equals("read") ? onRead.getAndSet(null) : null;
                      if (work != null) {
                        work.run();
                      }
                    })
                : result,
        call -> {});
  }

  private interface Before {
    void call(String method) throws IOException;
  }

  private static <T> T delegating(
      Class<T> type, T inner, BiFunction<String, Object, Object> answer, Before before) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              before.call(method.getName());
              try {
                return answer.apply(method.getName(), method.invoke(inner, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  // ---- when it fails

  @Test
  void removalThatFailedIsTriedAgain() throws Exception {
    try (Wal wal = open()) {
      fill(wal, 8);
      Logs.awaitSpares(wal);
      storage.faults().failForEver(Faults.Operation.DELETE, 1, new IOException("busy"));
      wal.truncateBefore(81); // the log goes on without them
      assertThat(wal.segments()).hasSize(1);
      int files = storage.list().size();
      assertThat(files).isGreaterThan(Spares.KEPT + 3);
      storage.faults().clear();
      while (storage.list().size() > Spares.KEPT + 2) { // with the manifest
        host.advance(Duration.ofMillis(300));
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void fileWhoseRecyclingFailsHalfwayIsNoSpare() throws Exception {
    for (Faults.Operation call :
        List.of(
            Faults.Operation.OPEN,
            Faults.Operation.RENAME,
            Faults.Operation.SYNC_DIRECTORY,
            Faults.Operation.WRITE)) {
      SimulatedDisk disk = new SimulatedDisk();
      try (Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL)) {
        fill(wal, 1);
        Logs.awaitSpares(wal);
        int nth = call == Faults.Operation.WRITE ? 3 : 1; // the first two are the manifest's
        disk.faults().fail(call, nth, new IOException("broken"));
        wal.truncateBefore(11);
        assertThat(wal.metrics().files().spares()).as(call.name()).isEqualTo(Spares.WANTED);
        Logs.append(wal, 11, 11);
        assertThat(disk.list()).filteredOn(n -> n.endsWith(".wal")).hasSize(Spares.WANTED + 1);
      }
      try (Wal wal = Logs.open(disk)) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(11, 11));
      }
    }
  }

  @Test
  void filesLeftByACrashAreRemovedAtTheNextOpen() throws Exception {
    Remains log;
    try (Wal wal = open()) {
      fill(wal, 8);
      Logs.awaitSpares(wal);
      storage.faults().failForEver(Faults.Operation.DELETE, 1, new IOException("busy"));
      truncateAll(wal);
      log = killed();
      storage.faults().clear();
    }
    String torn = SegmentHeader.fileName(3);
    assertThat(log.storage.list()).contains(torn);
    log.storage.flip(torn, 70, 1); // both copies of its header
    log.storage.flip(torn, 4096 - SegmentHeader.BYTES + 70, 1);
    try (Wal wal = log.open()) {
      Logs.awaitSpares(wal);
      assertThat(log.storage.list())
          .filteredOn(n -> n.endsWith(".wal"))
          .hasSize(wal.metrics().files().spares() + 1);
    }
  }
}
