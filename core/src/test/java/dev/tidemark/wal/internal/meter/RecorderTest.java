package dev.tidemark.wal.internal.meter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Histogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecorderTest {

  @Test
  void noValueIsAboveItsUpperBoundOrMoreThanASixteenthBelowIt() {
    List<Long> values = new ArrayList<>();
    for (int exponent = 0; exponent < 63; exponent++) {
      long power = 1L << exponent;
      values.addAll(List.of(power - 1, power, power + 1, power + power / 3));
    }
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      values.add(random.nextLong() >>> (1 + random.nextInt(62)));
    }
    for (long value : values) {
      long bound = Buckets.upperBound(Buckets.cellOf(value));
      assertThat(bound).as("bound of %d", value).isGreaterThanOrEqualTo(value);
      assertThat(bound - value)
          .as("bound of %d", value)
          .isLessThanOrEqualTo(Math.max(1, value / 16));
    }
  }

  @Test
  void upperBoundsAscendAndContainThePowersOfTwo() {
    long before = 0;
    int powers = 0;
    for (int cell = 0; cell < Buckets.SUM; cell++) {
      long bound = Buckets.upperBound(cell);
      assertThat(bound).isGreaterThan(before);
      assertThat(Buckets.cellOf(bound)).isEqualTo(cell);
      powers += Long.bitCount(bound) == 1 ? 1 : 0;
      before = bound;
    }
    assertThat(before).isEqualTo(Long.MAX_VALUE);
    assertThat(powers).isEqualTo(63);
  }

  @Test
  void theLargestAndTheSmallestValuesHaveACell() {
    assertThat(Buckets.cellOf(Long.MAX_VALUE)).isEqualTo(Buckets.SUM - 1);
    assertThat(Buckets.cellOf(0)).isZero();
    assertThat(Buckets.cellOf(-5)).isZero();
  }

  @Test
  void snapshotSaysWhatWasRecordedAndStaysAsItIs() {
    Recorder recorder = new Recorder();
    for (long value : new long[] {3, 100, 100, 1_000_000}) {
      recorder.record(value);
    }
    Histogram then = recorder.snapshot();
    recorder.record(5);
    assertThat(then.count()).isEqualTo(4);
    assertThat(then.sum()).isEqualTo(1_000_203);
    assertThat(then.max()).isEqualTo(1_000_000);
    assertThat(then.percentile(50)).isBetween(100L, 106L);
    assertThat(then.buckets().getFirst()).isEqualTo(new Histogram.Bucket(3, 1));
    assertThat(recorder.snapshot().count()).isEqualTo(5);
  }

  @Test
  void valuesOfManyThreadsAreAllCounted() throws Exception {
    SharedRecorder recorder = new SharedRecorder();
    List<Thread> threads = new ArrayList<>();
    for (int t = 1; t <= 8; t++) {
      long value = t * 1000L;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 50_000; i++) {
                      recorder.record(value);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Histogram all = recorder.snapshot();
    assertThat(all.count()).isEqualTo(400_000);
    assertThat(all.sum()).isEqualTo(36_000L * 50_000);
    assertThat(all.max()).isEqualTo(8000);
  }
}
