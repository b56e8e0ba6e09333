package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every log keeps, wherever its files are.
@Timeout(60)
abstract class WalContract {

  /// Opens the log of this test, the same at each call.
  abstract Wal open(WalOptions options) throws IOException;

  private Wal open() throws IOException {
    return open(Logs.SMALL);
  }

  @Test
  void lsnsAreDenseFromOne() throws IOException {
    try (Wal wal = open()) {
      assertThat(wal.lastLsn()).isZero();
      assertThat(wal.append(Logs.record(1))).isEqualTo(1);
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
      assertThat(wal.durableLsn()).isEqualTo(2);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 2));
    }
  }

  @Test
  void recordsSurviveReopeningOverManySegments() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 300);
      assertThat(wal.segments()).hasSizeGreaterThan(3);
    }
    try (Wal wal = open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.SEALED);
      assertThat(wal.recovery().lastLsn()).isEqualTo(300);
      assertThat(wal.recovery().unproven()).isZero();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 300));
      assertThat(wal.append(Logs.record(301))).isEqualTo(301);
      assertThat(Logs.read(wal, 299)).isEqualTo(Logs.expected(299, 301));
    }
  }

  @Test
  void emptyAndLargestRecordsAreKept() throws IOException {
    byte[] largest = new byte[Logs.SMALL.maxRecordBytes()];
    java.util.Arrays.fill(largest, (byte) 7);
    try (Wal wal = open()) {
      wal.append(new byte[0]);
      for (int i = 0; i < 9; i++) {
        wal.append(largest);
      }
      wal.append(new byte[0]);
    }
    try (Wal wal = open();
        Cursor cursor = wal.read(1)) {
      List<Integer> sizes = new ArrayList<>();
      while (cursor.next()) {
        sizes.add(cursor.bytes().length);
        for (byte b : cursor.bytes()) {
          assertThat(b).isEqualTo((byte) 7);
        }
      }
      int n = largest.length;
      assertThat(sizes).containsExactly(0, n, n, n, n, n, n, n, n, n, 0);
    }
  }

  @Test
  void recordLargerThanTheLimitIsRefusedBeforeAnLsnIsAssigned() throws IOException {
    try (Wal wal = open()) {
      assertThatThrownBy(() -> wal.append(new byte[Logs.SMALL.maxRecordBytes() + 1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("maxRecordBytes");
      assertThat(wal.append(Logs.record(1))).isEqualTo(1);
    }
  }

  @Test
  void batchIsOneRunOfLsns() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 1);
      Batch batch = new Batch().add(Logs.record(2)).add(Logs.record(3)).add(Logs.record(4));
      assertThat(wal.append(batch)).isEqualTo(4);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
    }
  }

  @Test
  void batchLargerThanStagingAndLargerThanASegmentIsWhole() throws IOException {
    WalOptions options =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).maxBatchBytes(1 << 20).build();
    int lsn = 0;
    try (Wal wal = open(options)) {
      for (int records : new int[] {1, 30, 500, 2, 200}) {
        Batch batch = new Batch();
        for (int i = 0; i < records; i++) {
          batch.add(Logs.record(++lsn));
        }
        assertThat(wal.append(batch)).isEqualTo(lsn);
        Logs.append(wal, ++lsn, lsn);
      }
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, lsn));
    }
    try (Wal wal = open(options)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, lsn));
    }
  }

  @Test
  void batchOverSeveralFramesIsWhole() throws IOException {
    WalOptions options = WalOptions.builder().segmentBytes(4 << 20).stagingBytes(4 << 20).build();
    Batch batch = new Batch();
    for (int i = 0; i < 30; i++) {
      batch.add(new byte[20_000 + i]);
    }
    try (Wal wal = open(options)) {
      wal.append(batch);
      wal.append(batch);
    }
    try (Wal wal = open(options);
        Cursor cursor = wal.read(1)) {
      for (int lsn = 1; lsn <= 60; lsn++) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.payload().byteSize()).isEqualTo(20_000 + (lsn - 1) % 30);
      }
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void emptyBatchIsRefused() throws IOException {
    try (Wal wal = open()) {
      assertThatThrownBy(() -> wal.append(new Batch()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void futuresCompleteWithTheirLsnInOrder() throws Exception {
    try (Wal wal = open()) {
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      for (int n = 1; n <= 200; n++) {
        futures.add(wal.appendAsync(MemorySegment.ofArray(Logs.record(n))));
      }
      for (int n = 1; n <= 200; n++) {
        assertThat(futures.get(n - 1).get(10, TimeUnit.SECONDS)).isEqualTo(n);
      }
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 200));
    }
  }

  @Test
  void closeCompletesFuturesThatAreUnderWay() throws Exception {
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    try (Wal wal = open()) {
      for (int n = 1; n <= 50; n++) {
        futures.add(wal.appendAsync(MemorySegment.ofArray(Logs.record(n))));
      }
    }
    assertThat(futures).allMatch(CompletableFuture::isDone);
    try (Wal wal = open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 50));
    }
  }

  @Test
  void manyThreadsEachFindTheirOwnRecords() throws Exception {
    int threads = 8;
    int each = 150;
    try (Wal wal = open();
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> futures = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        String name = "t" + t;
        var task =
            new java.util.concurrent.FutureTask<>(
                () -> {
                  List<Long> lsns = new ArrayList<>();
                  for (int i = 0; i < each; i++) {
                    lsns.add(wal.append((name + " " + i).getBytes(UTF_8)));
                  }
                  return lsns;
                });
        futures.add(task);
        if (t % 2 == 0) {
          pool.execute(task);
        } else {
          Thread.ofPlatform().start(task);
        }
      }
      List<String> records = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        List<Long> lsns = futures.get(t).get();
        assertThat(lsns).isSorted();
        for (int i = 0; i < each; i++) {
          records.add(lsns.get(i) + ":t" + t + " " + i);
        }
      }
      assertThat(Logs.read(wal)).containsExactlyInAnyOrderElementsOf(records);
      assertThat(wal.lastLsn()).isEqualTo((long) threads * each);
    }
  }

  @Test
  void cursorFollowsTheLiveLogOverRotations() throws Exception {
    try (Wal wal = open();
        Cursor cursor = wal.read(1)) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Logs.append(wal, 1, 300);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      for (int n = 1; n <= 300; n++) {
        assertThat(cursor.next(Duration.ofSeconds(20))).isTrue();
        assertThat(cursor.lsn()).isEqualTo(n);
        assertThat(cursor.bytes()).isEqualTo(Logs.record(n));
      }
      assertThat(cursor.next()).isFalse();
      assertThat(cursor.next(Duration.ofMillis(5))).isFalse();
      writer.join();
    }
  }

  @Test
  void rotateStartsASegmentAndDoesNothingToAnEmptyOne() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 1);
      int before = wal.segments().size();
      wal.rotate();
      wal.rotate();
      List<Segment> segments = wal.segments();
      assertThat(segments).hasSize(before + 1);
      assertThat(segments.getLast().active()).isTrue();
      assertThat(segments.getLast().firstLsn()).isEqualTo(2);
      Logs.append(wal, 2, 2);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 2));
    }
  }

  @Test
  void truncationRemovesWholeSegmentsBelowAndIsRemembered() throws IOException {
    long first;
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      int before = wal.segments().size();
      wal.truncateBefore(150);
      assertThat(wal.segments().size()).isLessThan(before);
      assertThat(wal.firstLsn()).isEqualTo(150);
      assertThatThrownBy(() -> wal.read(149)).isInstanceOf(LsnGoneException.class);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(150, 200));
      first = wal.segments().getFirst().number();
    }
    try (Wal wal = open()) {
      assertThat(wal.firstLsn()).isEqualTo(150);
      assertThat(wal.segments().getFirst().number()).isEqualTo(first);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(150, 200));
    }
  }

  @Test
  void everythingCanBeTruncatedAndTheLsnsGoOn() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.truncateBefore(101);
      assertThat(Logs.read(wal)).isEmpty();
    }
    try (Wal wal = open()) {
      assertThat(wal.firstLsn()).isEqualTo(101);
      assertThat(wal.append(Logs.record(101))).isEqualTo(101);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(101, 101));
    }
  }

  @Test
  void truncatingBeyondWhatIsDurableIsRefused() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 3);
      assertThatThrownBy(() -> wal.truncateBefore(5)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void openCursorHoldsTheLowWaterMarkUntilItIsClosed() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      Cursor cursor = wal.read(1);
      assertThat(cursor.next()).isTrue();
      wal.truncateBefore(200);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.lsn()).isEqualTo(2);
      while (cursor.next()) {
        // to the end: nothing in its way was removed
      }
      cursor.close();
      while (wal.firstLsn() < 200) {
        Thread.onSpinWait(); // removal follows the close by itself
      }
    }
  }

  @Test
  void interruptedAppendIsDurableAndKeepsTheFlag() throws IOException {
    try (Wal wal = open()) {
      Thread.currentThread().interrupt();
      assertThat(wal.append(Logs.record(1))).isEqualTo(1);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 2));
    }
  }

  @Test
  void copyThatThrowsLeavesAVoidLsnThatNoCursorDelivers() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 1);
      MemorySegment closed;
      try (var arena = java.lang.foreign.Arena.ofConfined()) {
        closed = arena.allocate(8);
      }
      assertThatThrownBy(() -> wal.append(closed)).isInstanceOf(IllegalStateException.class);
      assertThat(wal.append(Logs.record(3))).isEqualTo(3);
      assertThat(Logs.read(wal)).containsExactly("1:record 1", "3:record 3");
    }
    try (Wal wal = open()) {
      assertThat(Logs.read(wal)).containsExactly("1:record 1", "3:record 3");
    }
  }

  @Test
  void closedLogTakesNothingAndClosesAgain() throws IOException {
    Wal wal = open();
    Logs.append(wal, 1, 1);
    wal.close();
    wal.close();
    assertThatThrownBy(() -> wal.append(Logs.record(2))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> wal.read(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(wal::rotate).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void secondOpenIsRefusedAndTheFirstGoesOn() throws IOException {
    try (Wal wal = open()) {
      assertThatThrownBy(this::open).isInstanceOf(dev.tidemark.wal.WalLockedException.class);
      assertThat(wal.append(Logs.record(1))).isEqualTo(1);
    }
  }

  @Test
  void openingAndClosingAddsNoSegments() throws IOException {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 3);
    }
    int segments;
    try (Wal wal = open()) {
      segments = wal.segments().size();
    }
    for (int i = 0; i < 4; i++) {
      try (Wal wal = open()) {
        assertThat(wal.segments()).hasSize(segments);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
      }
    }
    try (Wal wal = open()) {
      assertThat(wal.append(Logs.record(4))).isEqualTo(4);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
    }
  }
}
