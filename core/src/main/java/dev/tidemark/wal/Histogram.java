package dev.tidemark.wal;

import java.util.Arrays;
import java.util.List;

/// How large the values were that a log measured since it was opened: times in nanoseconds, sizes
/// in bytes or records; the accessor that hands it out says which. An immutable snapshot.
///
/// Values are counted in buckets. Up to 16 each value has its own; above, every power of two is
/// divided into 16 buckets of the same width, so the upper bound of a bucket is at most 6.25 %
/// above any value in it. Powers of two are upper bounds of buckets.
///
/// Count and percentiles agree with the buckets; sum and largest value are read beside them while
/// others record, so they may be ahead by what was being recorded at that moment.
///
/// @param sum the sum of all values, exact
/// @param max the largest value, exact; 0 if there is none
/// @param buckets those that hold a value, by ascending upper bound
public record Histogram(long sum, long max, List<Bucket> buckets) {
  private static final Histogram EMPTY = new Histogram(0, 0, List.of());

  /// The values above the upper bound of the bucket before and not above this one's.
  ///
  /// @param upperBound the largest value that belongs here
  /// @param count how many there were
  public record Bucket(long upperBound, long count) {}

  /// Checks the order of the buckets.
  ///
  /// @throws IllegalArgumentException if the upper bounds do not ascend
  public Histogram {
    buckets = List.copyOf(buckets);
    for (int i = 1; i < buckets.size(); i++) {
      if (buckets.get(i - 1).upperBound() >= buckets.get(i).upperBound()) {
        throw new IllegalArgumentException("upper bounds must ascend: " + buckets);
      }
    }
  }

  /// {@return a histogram without a value}
  public static Histogram empty() {
    return EMPTY;
  }

  /// {@return a histogram with a bucket for each of some values, for tests of programs that show
  /// histograms}
  ///
  /// @param values the values
  public static Histogram of(long... values) {
    List<Bucket> buckets =
        Arrays.stream(values)
            .sorted()
            .distinct()
            .mapToObj(
                bound -> new Bucket(bound, Arrays.stream(values).filter(v -> v == bound).count()))
            .toList();
    return new Histogram(
        Arrays.stream(values).sum(), Arrays.stream(values).max().orElse(0), buckets);
  }

  /// {@return how many values there were}
  public long count() {
    long count = 0;
    for (Bucket bucket : buckets) {
      count += bucket.count();
    }
    return count;
  }

  /// {@return the average value, 0 if there is none}
  public double mean() {
    long count = count();
    return count == 0 ? 0 : (double) sum / count;
  }

  /// {@return a value that so many of a hundred values do not exceed, at most 6.25 % too large; 0
  /// if there is no value}
  ///
  /// @param percent above 0 and at most 100: 50 is the median
  /// @throws IllegalArgumentException if `percent` is out of that range
  public long percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent must be above 0 and at most 100: " + percent);
    }
    double wanted = count() * percent / 100;
    long seen = 0;
    for (Bucket bucket : buckets) {
      seen += bucket.count();
      if (seen >= wanted) {
        return Math.min(bucket.upperBound(), max);
      }
    }
    return max;
  }

  /// {@return how many values did not exceed a bound; exact if that is the upper bound of a bucket,
  /// as powers of two are, else a part of one bucket may be missing}
  ///
  /// @param bound the bound
  public long countAtMost(long bound) {
    long count = 0;
    for (Bucket bucket : buckets) {
      if (bucket.upperBound() > bound) {
        break;
      }
      count += bucket.count();
    }
    return count;
  }
}
