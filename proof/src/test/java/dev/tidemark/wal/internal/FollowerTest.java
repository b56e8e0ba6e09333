package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A reader beside a live log. The log's clock stands still, so that nothing is promised but by the
/// next group.
@Timeout(60)
class FollowerTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SimulatedDisk storage = new SimulatedDisk();
  private final FakeHost clock = new FakeHost(1);

  private Wal open() throws IOException {
    return Wal.open(storage, clock, Logs.SMALL);
  }

  @Test
  void groupIsDeliveredWhenTheNextOnePromisesIt() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      assertThat(cursor.next()).isFalse();
      for (int n = 1; n <= 10; n++) {
        Logs.append(wal, n, n);
        assertThat(Follow.rest(cursor))
            .isEqualTo(Logs.expected(n - 1, n - 1).subList(n == 1 ? 1 : 0, 1));
        assertThat(reader.promisedLsn()).isEqualTo(n - 1);
        assertThat(reader.lastLsn()).isEqualTo(n);
      }
    }
  }

  @Test
  void lastGroupOfAnIdleLogIsDeliveredWhenAMarkPromisesIt() throws Exception {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      Logs.append(wal, 1, 3);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 2));
      try (Ticks _ = new Ticks(clock)) {
        assertThat(cursor.next(LONG)).isTrue();
      }
      assertThat(cursor.lsn()).isEqualTo(3);
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void everythingIsDeliveredOnceTheLogIsClosed() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 3);
    }
    assertThat(Follow.read(storage)).isEqualTo(Logs.expected(1, 3));
  }

  @Test
  void rotationIsFollowed() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      for (int n = 1; n <= 9; n += 3) {
        Logs.append(wal, n, n + 1);
        assertThat(Follow.rest(cursor)).hasSize(1);
        wal.rotate();
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(n + 1, n + 1));
        Logs.append(wal, n + 2, n + 2);
        wal.rotate();
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(n + 2, n + 2));
      }
      assertThat(reader.segments()).isEqualTo(wal.segments());
    }
  }

  @Test
  void cursorThatComesLateReadsThroughAllSegments() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 500);
      assertThat(wal.segments().size()).isGreaterThan(5);
      assertThat(Follow.read(storage)).isEqualTo(Logs.expected(1, 499));
      try (WalReader reader = Follow.open(storage)) {
        assertThat(Follow.read(reader, 250)).isEqualTo(Logs.expected(250, 499));
        assertThat(reader.firstLsn()).isEqualTo(1);
        assertThat(reader.promisedLsn()).isEqualTo(499);
        assertThat(reader.lastLsn()).isEqualTo(500);
        List<Segment> segments = wal.segments();
        assertThat(reader.segments()).hasSameSizeAs(segments);
        assertThat(reader.segments().subList(0, segments.size() - 1))
            .isEqualTo(segments.subList(0, segments.size() - 1));
      }
    }
  }

  @Test
  void lsnThatIsYetToComeIsWaitedFor() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(400)) {
      for (int n = 1; n <= 500; n++) {
        Logs.append(wal, n, n);
        if (n <= 400) {
          assertThat(cursor.next()).isFalse();
        }
      }
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(400, 499));
    }
  }

  @Test
  void waitingEndsWithTheTime() throws Exception {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      Logs.append(wal, 1, 1);
      assertThat(cursor.next(Duration.ofMillis(5))).isFalse();
      assertThat(cursor.next(Duration.ZERO)).isFalse();
      Logs.append(wal, 2, 2);
      assertThat(cursor.next(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void longestWaitThereIsDoesNotEndAtOnce() throws Exception {
    FakeHost host = new FakeHost(1);
    ReaderOptions options = ReaderOptions.defaults().withLongestPause(Duration.ofMillis(1));
    try (Wal wal = open();
        WalReader reader = Wal.openReadOnly(new ReadOnlyStorage(storage), host, options);
        Cursor cursor = reader.read(1)) {
      CompletableFuture<Boolean> found =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return cursor.next(Duration.ofSeconds(Long.MAX_VALUE));
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      host.awaitWaiting(1);
      Logs.append(wal, 1, 2);
      while (!found.isDone()) {
        host.advance(Duration.ofMillis(1));
        Thread.onSpinWait();
      }
      assertThat(found.get()).isTrue();
    }
  }

  @Test
  void pausesWhileWaitingGrowUpToTheLongest() throws Exception {
    FakeHost host = new FakeHost(2);
    ReaderOptions options = ReaderOptions.defaults().withLongestPause(Duration.ofMillis(1));
    try (Wal wal = open();
        WalReader reader = Wal.openReadOnly(new ReadOnlyStorage(storage), host, options);
        Cursor cursor = reader.read(1)) {
      Thread waiting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      assertThat(cursor.next(LONG)).isTrue();
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  });
      host.awaitWaiting(1);
      Logs.append(wal, 1, 2);
      while (waiting.isAlive()) {
        host.advance(Duration.ofMillis(1));
        Thread.onSpinWait();
      }
      assertThat(cursor.lsn()).isEqualTo(1);
    }
  }

  @Test
  void interruptedWaitKeepsItsPlace() throws Exception {
    storage.interruptsReachFiles();
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      Logs.append(wal, 1, 3);
      assertThat(cursor.next()).isTrue();
      for (int i = 0; i < 3; i++) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(
                () -> {
                  while (cursor.next(LONG)) {
                    // until it waits or reads a file
                  }
                })
            .isInstanceOfAny(
                InterruptedException.class, java.nio.channels.ClosedByInterruptException.class);
        boolean _ = Thread.interrupted();
      }
      Logs.append(wal, 4, 4);
      assertThat(Follow.rest(cursor)).last().isEqualTo("3:record 3");
    }
  }

  @Test
  void slowCursorIsToldThatItWasOvertakenAndGoesOnAtTheFirstAvailable() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor slow = reader.read(1)) {
      Logs.append(wal, 1, 3);
      assertThat(slow.next()).isTrue();
      wal.rotate();
      Logs.append(wal, 4, 6);
      wal.rotate();
      Logs.append(wal, 7, 9);
      wal.truncateBefore(7);
      // What it has in its hands it may still deliver; what it has yet to open is gone.
      assertThat(slow.next()).isTrue();
      LsnGoneException gone = goneIn(slow);
      assertThat(gone.firstAvailable()).isEqualTo(7);
      assertThatThrownBy(slow::next).isSameAs(gone);
      assertThat(Follow.read(reader, gone.firstAvailable())).isEqualTo(Logs.expected(7, 8));
    }
  }

  private static LsnGoneException goneIn(Cursor cursor) throws IOException {
    try {
      while (cursor.next()) {
        // until it is told
      }
    } catch (LsnGoneException e) {
      return e;
    }
    throw new AssertionError("not told");
  }

  @Test
  void cursorAtTheEndOfARemovedSegmentGoesOnBehindIt() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      Logs.append(wal, 1, 3);
      clockPromises(3, reader);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 3));
      wal.rotate();
      Logs.append(wal, 4, 5);
      wal.truncateBefore(4);
      assertThat(wal.segments()).hasSize(1);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(4, 4));
    }
  }

  private void clockPromises(long lsn, WalReader reader) throws IOException {
    while (reader.promisedLsn() < lsn) {
      clock.advance(Duration.ofMillis(20)); // again: the log may not have begun to wait yet
    }
  }

  @Test
  void removedLsnIsRefusedAndTheFirstAvailableNamed() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage)) {
      Logs.append(wal, 1, 3);
      wal.rotate();
      Logs.append(wal, 4, 6);
      wal.truncateBefore(5);
      assertThat(reader.firstLsn()).isEqualTo(5).isEqualTo(wal.firstLsn());
      assertThatThrownBy(() -> reader.read(1))
          .isInstanceOfSatisfying(
              LsnGoneException.class, e -> assertThat(e.firstAvailable()).isEqualTo(5));
      assertThatThrownBy(() -> reader.read(0)).isInstanceOf(IllegalArgumentException.class);
      assertThat(Follow.read(reader, 5)).isEqualTo(Logs.expected(5, 5));
    }
  }

  @Test
  void batchOverSeveralFramesIsNeverShownInPart() throws IOException {
    WalOptions options = WalOptions.builder().segmentBytes(64 << 10).maxBatchBytes(4 << 20).build();
    List<Integer> proven = new ArrayList<>();
    List<Integer> unproven = new ArrayList<>();
    try (WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1);
        Cursor ahead = reader.readUnproven(1)) {
      Runnable look =
          () -> {
            synchronized (proven) { // the writer's threads look, and a cursor is for one at a time
              try {
                proven.add(Follow.rest(cursor).size());
                unproven.add(Follow.rest(ahead).size());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          };
      try (Wal wal = Wal.open(new WatchedStorage(storage, look), clock, options)) {
        Logs.awaitSpares(wal);
        Sent sent = new Sent();
        sent.append(wal, 10);
        sent.appendBatch(wal, 3000, 1000);
        sent.append(wal, 10);
      }
    }
    assertThat(proven.stream().filter(count -> count > 0)).containsExactly(1, 3000, 1);
    assertThat(unproven.stream().filter(count -> count > 0)).containsExactly(1, 3000, 1);
  }

  @Test
  @SuppressWarnings("try") // closing is what is tested
  void closedCursorOrReaderSaysSo() throws IOException {
    try (Wal wal = open();
        WalReader reader = Follow.open(storage);
        Cursor open = reader.read(1);
        Cursor closed = reader.read(1)) {
      Logs.append(wal, 1, 3);
      assertThatThrownBy(open::lsn).isInstanceOf(IllegalStateException.class);
      closed.close();
      closed.close();
      assertThatThrownBy(closed::next).isInstanceOf(IllegalStateException.class);
      assertThat(open.next()).isTrue();
      reader.close();
      reader.close();
      assertThatThrownBy(open::next).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(reader::promisedLsn).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> reader.read(1)).isInstanceOf(IllegalStateException.class);
    }
  }

  // ---- before there is a log

  @Test
  void logThatIsYetToBeCreatedIsWaitedFor() throws IOException {
    try (WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      assertThat(reader.firstLsn()).isEqualTo(1);
      assertThat(reader.promisedLsn()).isZero();
      assertThat(reader.lastLsn()).isZero();
      assertThat(reader.segments()).isEmpty();
      assertThat(cursor.next()).isFalse();
      try (Wal wal = open()) {
        assertThat(cursor.next()).isFalse();
        Logs.append(wal, 1, 3);
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 2));
      }
    }
  }

  @Test
  void missingDirectoryIsRefusedAndNotMade(@TempDir Path directory) {
    Path missing = directory.resolve("log");
    assertThatThrownBy(() -> Wal.openReadOnly(missing)).isInstanceOf(NoSuchFileException.class);
    assertThat(missing).doesNotExist();
  }

  // ---- on a real file system

  @Test
  void noFileIsChanged(@TempDir Path directory) throws Exception {
    try (Wal wal = Wal.open(directory, Logs.SMALL)) {
      Logs.append(wal, 1, 100);
    }
    Map<String, String> before = files(directory);
    try (WalReader reader = Wal.openReadOnly(directory);
        Cursor cursor = reader.read(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 100));
      assertThat(cursor.next(Duration.ofMillis(20))).isFalse();
      assertThat(reader.segments()).isNotEmpty();
      assertThat(reader.lastLsn()).isEqualTo(100);
    }
    assertThat(files(directory)).isEqualTo(before);
  }

  private static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put(".", Files.getLastModifiedTime(directory).toString());
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        files.put(
            file.getFileName().toString(),
            Files.getLastModifiedTime(file) + " " + Files.size(file));
      }
    }
    return files;
  }

  @Test
  void writerAndReadersOfOneDirectoryDoNotKeepEachOtherOut(@TempDir Path directory)
      throws Exception {
    try (WalReader early = Wal.openReadOnly(directory);
        Wal wal = Wal.open(directory, Logs.SMALL);
        WalReader late = Wal.openReadOnly(directory);
        Cursor cursor = early.read(1)) {
      Logs.append(wal, 1, 200);
      for (int n = 1; n <= 200; n++) {
        assertThat(cursor.next(LONG)).isTrue();
        assertThat(cursor.bytes()).isEqualTo(Logs.record(n));
      }
      assertThat(late.promisedLsn()).isEqualTo(200);
    }
  }

  @Test
  void longestPauseIsBounded() {
    for (Duration wrong :
        List.of(Duration.ZERO, Duration.ofNanos(999_999), Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatThrownBy(() -> ReaderOptions.defaults().withLongestPause(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong.toString());
    }
  }

  // Killed before a mark promised the last records, while all of them were truncated.
  @Test
  void logOfWhichEverythingWasTruncatedIsReadFromItsEnd() throws Exception {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              wal.truncateBefore(11);
            });
    try (WalReader reader = Follow.open(log.storage)) {
      assertThat(reader.firstLsn()).isEqualTo(11);
      try (Cursor cursor = reader.read();
          Cursor named = reader.read(reader.firstLsn())) {
        assertThat(cursor.next()).isFalse();
        try (Wal wal = log.open()) {
          Logs.append(wal, 11, 12);
        }
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(11, 12));
        assertThat(Follow.rest(named)).isEqualTo(Logs.expected(11, 12));
      }
    }
  }
}
