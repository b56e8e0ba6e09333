package dev.tidemark.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tidemark.wal.Histogram.Bucket;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {

  @Test
  void emptyOneHasNothingButZeros() {
    Histogram none = Histogram.empty();
    assertThat(none.count()).isZero();
    assertThat(none.mean()).isZero();
    assertThat(none.percentile(50)).isZero();
    assertThat(none.countAtMost(Long.MAX_VALUE)).isZero();
  }

  @Test
  void percentilesAreUpperBoundsAndNeverAboveTheLargestValue() {
    Histogram times = Histogram.of(10, 20, 20, 30);
    assertThat(times.percentile(25)).isEqualTo(10);
    assertThat(times.percentile(26)).isEqualTo(20);
    assertThat(times.percentile(75)).isEqualTo(20);
    assertThat(times.percentile(100)).isEqualTo(30);
    assertThat(new Histogram(90, 90, List.of(new Bucket(96, 1))).percentile(50)).isEqualTo(90);
    assertThat(times.mean()).isEqualTo(20, within(1e-9));
  }

  @Test
  void countAtMostLeavesOutBucketsThatReachBeyond() {
    Histogram times = Histogram.of(10, 20, 20, 30);
    assertThat(times.countAtMost(9)).isZero();
    assertThat(times.countAtMost(20)).isEqualTo(3);
    assertThat(times.countAtMost(29)).isEqualTo(3);
    assertThat(times.countAtMost(30)).isEqualTo(times.count());
  }

  @Test
  void percentOutOfRangeIsRefused() {
    for (double percent : new double[] {0, -1, 100.1, Double.NaN}) {
      assertThatThrownBy(() -> Histogram.empty().percentile(percent))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("" + percent);
    }
  }

  @Test
  void bucketsOutOfOrderAreRefused() {
    List<Bucket> twice = List.of(new Bucket(5, 1), new Bucket(5, 1));
    assertThatThrownBy(() -> new Histogram(10, 5, twice))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
