package dev.tidemark.cli.screen;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Counts sizes by powers of two, and draws the counts. For one thread.
public final class SizeHistogram {
  private static final int CELLS = 36;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

  /// Is shown one bucket after the other.
  @FunctionalInterface
  public interface Buckets {
    /// Takes one.
    ///
    /// @param fromBytes the smallest size in it
    /// @param toBytes the largest size in it
    /// @param count how many there are
    void bucket(long fromBytes, long toBytes, long count);
  }

  // Bucket 0 is size 0, bucket n is 2^(n-1) to 2^n - 1.
  private final long[] counts = new long[33];
  private long count;
  private long bytes;
  private int smallest = Integer.MAX_VALUE;
  private int largest;

  /// Begins with nothing.
  public SizeHistogram() {}

  /// Counts one.
  ///
  /// @param size in bytes
  public void add(int size) {
    counts[Integer.SIZE - Integer.numberOfLeadingZeros(size)]++;
    count++;
    bytes += size;
    smallest = Math.min(smallest, size);
    largest = Math.max(largest, size);
  }

  /// {@return how many were counted}
  public long count() {
    return count;
  }

  /// {@return their sum, in bytes}
  public long bytes() {
    return bytes;
  }

  /// {@return the smallest size}
  public int smallest() {
    return smallest;
  }

  /// {@return the largest size}
  public int largest() {
    return largest;
  }

  /// Shows all buckets from the first to the last in which something was counted.
  ///
  /// @param to is shown them
  public void buckets(Buckets to) {
    int first = 0;
    while (first < counts.length && counts[first] == 0) {
      first++;
    }
    int last = counts.length - 1;
    while (last >= 0 && counts[last] == 0) {
      last--;
    }
    for (int i = first; i <= last; i++) {
      to.bucket(i == 0 ? 0 : 1L << (i - 1), i == 0 ? 0 : (1L << i) - 1, counts[i]);
    }
  }

  /// {@return the histogram as lines of at most 79 characters}
  public List<String> drawn() {
    long most = 1;
    for (long one : counts) {
      most = Math.max(most, one);
    }
    long largestCount = most;
    List<String> lines = new ArrayList<>();
    buckets(
        (from, to, number) ->
            lines.add(
                String.format(
                        Locale.ROOT,
                        "%11d to %-11d %9d %s",
                        from,
                        to,
                        number,
                        bar(number, largestCount))
                    .stripTrailing()));
    return lines;
  }

  private static String bar(long number, long most) {
    long eighths = Math.round(number * 8.0 * CELLS / most);
    if (number > 0) {
      eighths = Math.max(1, eighths);
    }
    String full = "█".repeat((int) (eighths / 8));
    return eighths % 8 == 0 ? full : full + EIGHTHS.charAt((int) (eighths % 8));
  }
}
