package dev.tidemark.cli;

import dev.tidemark.ingest.IngestOptions;
import dev.tidemark.ingest.budget.DiskBudget;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say how much memory and disk a server may take, and what they come to.
final class Budgets {
  private static final long MIN_MEMORY_BYTES = 16L << 20;
  private static final long MIN_SEGMENT_BYTES = 256L << 10;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--memory-budget",
      paramLabel = "SIZE",
      description =
          "Heap for rows that are in no file yet and for request bodies, such as 512MiB; at least"
              + " 16MiB (default: a quarter of the largest heap).")
  private @Nullable String memory;

  @Option(
      names = "--disk-budget",
      paramLabel = "SIZE|N%%",
      description =
          "Disk for the logs, such as 20GiB, or a share of what is free at the start and what the"
              + " logs have taken by then (default: 80%%).")
  private @Nullable String disk;

  @Option(
      names = "--segment-size",
      paramLabel = "SIZE",
      description = "Size of a segment of the log, 256KiB to 1GiB (default: 64MiB).")
  private @Nullable String segment;

  /// {@return how ingest works under these options}
  ///
  /// @throws ParameterException if one of them is wrong, or two contradict each other; the message
  ///   names it
  IngestOptions ingest() {
    IngestOptions options = IngestOptions.defaults();
    if (segment != null) {
      String text = segment;
      options = options.withSegmentBytes(named("--segment-size", () -> segmentBytes(text)));
    }
    if (memory != null) {
      String text = memory;
      options = options.withMemoryBytes(named("--memory-budget", () -> memoryBytes(text)));
    }
    if (disk != null) {
      String text = disk;
      long least = IngestOptions.leastDiskBytes(options.segmentBytes());
      options = options.withDisk(named("--disk-budget", () -> disk(text, least)));
    }
    return options;
  }

  private <T> T named(String option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '" + option + "': " + e.getMessage(), e);
    }
  }

  private static long segmentBytes(String text) {
    long bytes = ByteSize.parse(text);
    if (bytes < MIN_SEGMENT_BYTES
        || bytes > IngestOptions.MAX_SEGMENT_BYTES
        || bytes % (64 << 10) != 0) {
      throw new IllegalArgumentException(text + " is not 256KiB to 1GiB in steps of 64KiB");
    }
    return bytes;
  }

  private static long memoryBytes(String text) {
    long bytes = ByteSize.parse(text);
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes < MIN_MEMORY_BYTES || bytes > heap / 2) {
      throw new IllegalArgumentException(
          String.format(
              "%s is not 16MiB to half the largest heap, which has %s (set it by -Xmx)",
              text, ByteSize.words(heap)));
    }
    return bytes;
  }

  private static DiskBudget disk(String text, long least) {
    String trimmed = text.strip();
    if (trimmed.endsWith("%")) {
      String digits = trimmed.substring(0, trimmed.length() - 1).strip();
      if (!digits.matches("\\d{1,3}")) {
        throw new IllegalArgumentException("'" + text + "' is not 1% to 100%");
      }
      return DiskBudget.ofPercent(percent(Integer.parseInt(digits), text));
    }
    long bytes = ByteSize.parse(text);
    if (bytes < least) {
      throw new IllegalArgumentException(
          String.format(
              "%s is less than the %s that logs with segments of this --segment-size begin with",
              text, ByteSize.words(least)));
    }
    return DiskBudget.ofBytes(bytes);
  }

  private static int percent(int value, String text) {
    if (value < 1 || value > 100) {
      throw new IllegalArgumentException("'" + text + "' is not 1% to 100%");
    }
    return value;
  }
}
