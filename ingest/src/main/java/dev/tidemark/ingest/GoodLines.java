package dev.tidemark.ingest;

import java.util.Arrays;

/// Where the good lines of a body lie: runs of bytes that begin and end where lines do. For one
/// thread.
final class GoodLines {
  // Owned by the thread that checks the body.
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private int count;
  private long bytes;
  private final int maxRunBytes;

  /// @param maxRunBytes how long a run gets at most, except for a single line
  GoodLines(int maxRunBytes) {
    this.maxRunBytes = maxRunBytes;
  }

  void clear() {
    count = 0;
    bytes = 0;
  }

  /// Adds a line.
  void add(int start, int end) {
    bytes += end - start;
    if (count > 0 && ends[count - 1] == start && end - starts[count - 1] <= maxRunBytes) {
      ends[count - 1] = end;
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    starts[count] = start;
    ends[count++] = end;
  }

  int runs() {
    return count;
  }

  int start(int run) {
    return starts[run];
  }

  int end(int run) {
    return ends[run];
  }

  /// {@return how many bytes they have together}
  long bytes() {
    return bytes;
  }

  /// {@return whether they lie side by side}
  boolean isOneRun() {
    return count == 1;
  }
}
