package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Formatter;
import java.util.List;
import java.util.function.ToLongFunction;

/// Samples of a long run, its first third held against its last.
final class UsageTable {
  private static final long MIB = 1 << 20;

  private final List<Usage> first;
  private final List<Usage> last;

  UsageTable(List<Usage> samples) {
    int third = samples.size() / 3;
    first = samples.subList(0, third);
    last = samples.subList(samples.size() - third, samples.size());
  }

  private static long median(List<Usage> samples, ToLongFunction<Usage> what) {
    return samples.stream().mapToLong(what).sorted().skip(samples.size() / 2).findFirst().orElse(0);
  }

  private static long most(List<Usage> samples, ToLongFunction<Usage> what) {
    return samples.stream().mapToLong(what).max().orElse(0);
  }

  /// Fails if anything is larger in the last third than in the first by more than it varies.
  void checkNothingGrew() {
    check("heap after a collection", Usage::heapBytes, 8 * MIB);
    check("handles", Usage::handles, 8);
    check("threads", Usage::threads, 3);
    check("files", Usage::files, 8);
    check("bytes on disk", Usage::diskBytes, 64 * MIB);
    check("resident memory", Usage::residentBytes, 128 * MIB);
  }

  private void check(String name, ToLongFunction<Usage> what, long slack) {
    assertThat(median(last, what)).as(name).isLessThanOrEqualTo(median(first, what) + slack);
  }

  private static double rate(List<Usage> samples) {
    Usage from = samples.getFirst();
    Usage to = samples.getLast();
    return (to.records() - from.records()) * 1e9 / Math.max(1, to.nanos() - from.nanos());
  }

  @Override
  public String toString() {
    Formatter table = new Formatter();
    table.format("%-24s %14s %14s %14s%n", "median of", "first third", "last third", "largest");
    row(table, "heap after GC, KiB", usage -> usage.heapBytes() >> 10);
    row(table, "resident, KiB", usage -> usage.residentBytes() >> 10);
    row(table, "open handles", Usage::handles);
    row(table, "threads", Usage::threads);
    row(table, "files", Usage::files);
    row(table, "on disk, KiB", usage -> usage.diskBytes() >> 10);
    table.format("%-24s %14.0f %14.0f%n", "records a second", rate(first), rate(last));
    return table.toString();
  }

  private void row(Formatter table, String name, ToLongFunction<Usage> what) {
    table.format(
        "%-24s %14d %14d %14d%n",
        name,
        median(first, what),
        median(last, what),
        Math.max(most(first, what), most(last, what)));
  }
}
