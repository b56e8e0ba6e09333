package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Segments are prepared in steps, with rests in which the disk belongs to the log. The clock moves
/// by 10 ms with each change that the thread for files makes, and otherwise when a test says so.
@Timeout(60)
class PreparationTest {
  private static final long STEP = SegmentFiles.STEP_BYTES;
  private static final WalOptions THREE_STEPS =
      WalOptions.builder().segmentBytes(2 * STEP + 4096).stagingBytes(1 << 16).build();
  private static final String SPARE = SegmentHeader.fileName(2);
  private static final String MADE = SPARE + SegmentFiles.TEMPORARY;

  private final SimulatedDisk memory = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);
  private final Storage storage = new WatchedStorage(memory, this::changed);

  private void changed() {
    if (Thread.currentThread().getName().equals("tidemark-segments")) {
      host.advance(Duration.ofMillis(10));
    }
  }

  private List<String> made() {
    return memory.operations().stream().filter(o -> o.contains(SPARE)).toList();
  }

  private void awaitMade(int operations) {
    while (made().size() < operations) {
      // Who looked at the clock before it moved, and waits since, looks again.
      host.advance(Duration.ZERO);
      Thread.onSpinWait();
    }
  }

  // A clock that moves before the step has ended would count as a part of it.
  private void awaitRest() throws InterruptedException {
    host.awaitWaiting(3); // the thread for files, the one that writes, and the one that watches
  }

  @Test
  void eachStepIsSyncedAndFollowedByARestInWhichTheLogGoesOn() throws Exception {
    try (Wal wal = Wal.open(storage, host, THREE_STEPS)) {
      awaitMade(3);
      awaitRest();
      List<String> first =
          List.of("create " + MADE, "write " + MADE + " 0+" + STEP, "sync " + MADE);
      assertThat(made()).isEqualTo(first);
      for (int n = 1; n <= 100; n++) {
        wal.append(Logs.record(n)); // each with a sync, and none behind zeros
      }
      assertThat(made()).isEqualTo(first);

      host.advance(Duration.ofMillis(19)); // the step took 20: a write and a sync
      assertThat(made()).isEqualTo(first);
      host.advance(Duration.ofMillis(1));
      awaitMade(5);
      assertThat(made().subList(3, 5))
          .containsExactly("write " + MADE + " " + STEP + "+" + STEP, "sync " + MADE);
      assertThat(wal.metrics().files().spares()).isZero();
      awaitRest();

      host.advance(Duration.ofMillis(20));
      awaitMade(8);
      assertThat(made().subList(5, 8))
          .containsExactly(
              "write " + MADE + " " + 2 * STEP + "+4096",
              "sync " + MADE + " metadata",
              "rename " + MADE + " " + SPARE);
    }
  }

  @Test
  void thereIsNoRestWhileAnAppendWaitsForSpace() throws Exception {
    byte[] record = new byte[50_000];
    try (Wal wal = Wal.open(storage, host, THREE_STEPS)) {
      for (int n = 1; n <= 200; n++) { // nobody else moves the clock
        assertThat(wal.append(record)).isEqualTo(n);
      }
      assertThat(wal.segments()).hasSizeGreaterThan(4);
    }
  }

  @Test
  void thereIsNoRestWhileARotationWaitsForASpare() throws Exception {
    try (Wal wal = Wal.open(storage, host, THREE_STEPS)) {
      for (int n = 1; n <= 5; n++) {
        wal.append(Logs.record(n));
        wal.rotate();
      }
      assertThat(wal.segments()).hasSize(6);
    }
  }

  @Test
  void otherWorkOnFilesDoesNotWaitForMoreThanAStep() throws Exception {
    try (Wal wal = Wal.open(storage, host, THREE_STEPS)) {
      wal.append(Logs.record(1));
      awaitMade(3);
      wal.truncateBefore(2); // its own changes move the clock, and do not suffice for the rest
      assertThat(wal.metrics().files().spares()).isZero();
    }
  }

  @Test
  void closingLeavesNothingHalfPrepared() throws Exception {
    try (Wal wal = Wal.open(storage, host, THREE_STEPS)) {
      wal.append(Logs.record(1));
      awaitMade(3);
    }
    assertThat(memory.list()).doesNotContain(MADE, SPARE);
  }
}
