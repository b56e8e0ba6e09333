package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskBudget;
import dev.tidemark.ingest.budget.MemoryBudget;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalOptions;
import java.time.Duration;
import java.util.function.Consumer;

/// How ingest works. Immutable; start from [#defaults()] and change single values with the `with`
/// methods.
///
/// @param segmentBytes the size of a segment of the shard log, in bytes: 4 KiB to 1 GiB, a multiple
///   of 64
/// @param sync when a write is acknowledged
/// @param flushRows a measurement with this many rows in memory is flushed
/// @param flushAge a measurement whose oldest row is this long in memory is flushed
/// @param flushThreads how many flushes are under way, and how many files are written, at once: 1
///   to 64; with 1 the files of a flush are written in the order of their hours
/// @param memoryBytes the memory for rows and bodies as [MemoryBudget] counts it, in bytes; beyond
///   it rows stay in the log until flushes have made room, and bodies are refused
/// @param disk what the logs may take; beyond it requests are refused until flushes have made room
/// @param maxMeasurements the most measurements, over all databases; lines with one more are bad
/// @param maxColumns the most columns of a measurement; lines with one more are bad
/// @param closeTimeout how long [Ingest#close()] waits for flushes; what is left then is replayed
///   at the next start
/// @param reopenDelay how long after a log has failed for want of space the logs are opened again
public record IngestOptions(
    long segmentBytes,
    SyncPolicy sync,
    int flushRows,
    Duration flushAge,
    int flushThreads,
    long memoryBytes,
    DiskBudget disk,
    int maxMeasurements,
    int maxColumns,
    Duration closeTimeout,
    Duration reopenDelay) {

  /// The default size of a segment of the shard log: 64 MiB.
  public static final long DEFAULT_SEGMENT_BYTES = 64L << 20;

  /// The largest segment of the shard log: 1 GiB.
  public static final long MAX_SEGMENT_BYTES = 1L << 30;

  /// Active, ready, reserve.
  private static final int LEAST_SEGMENTS = 3;

  /// What the catalog's log and the fixed files of both take at first, rounded up.
  private static final long CATALOG_BYTES = 4L << 20;

  /// Checks every value.
  ///
  /// @throws IllegalArgumentException if a value is out of range, or the disk budget does not hold
  ///   a log of such segments; the message names it
  public IngestOptions {
    check(
        segmentBytes >= WalOptions.MIN_SEGMENT_BYTES
            && segmentBytes <= MAX_SEGMENT_BYTES
            && segmentBytes % 64 == 0,
        "segmentBytes",
        segmentBytes);
    check(flushRows >= 1, "flushRows", flushRows);
    check(flushAge.toMillis() >= 1, "flushAge", flushAge);
    check(flushThreads >= 1 && flushThreads <= 64, "flushThreads", flushThreads);
    check(memoryBytes >= MemoryBudget.MIN_BYTES, "memoryBytes", memoryBytes);
    check(maxMeasurements >= 1, "maxMeasurements", maxMeasurements);
    check(maxColumns >= 1 && maxColumns <= 10_000, "maxColumns", maxColumns);
    check(!closeTimeout.isNegative(), "closeTimeout", closeTimeout);
    check(!reopenDelay.isNegative(), "reopenDelay", reopenDelay);
    if (disk.percent() == 0 && disk.bytes() < leastDiskBytes(segmentBytes)) {
      throw new IllegalArgumentException(
          "disk is out of range: "
              + disk.bytes()
              + " bytes are less than the "
              + leastDiskBytes(segmentBytes)
              + " that logs with segments of "
              + segmentBytes
              + " bytes begin with");
    }
  }

  private static void check(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is out of range: " + value);
    }
  }

  /// {@return what the logs take before they hold anything, in bytes: the least disk budget}
  ///
  /// @param segmentBytes the size of a segment of the shard log
  public static long leastDiskBytes(long segmentBytes) {
    return LEAST_SEGMENTS * segmentBytes + CATALOG_BYTES;
  }

  /// {@return 64 MiB segments, `fdatasync`, flushes after 50,000 rows or 5 s, 8 files at once, a
  /// quarter of the largest heap, 80 % of the disk that is free, 100,000 measurements of at most
  /// 4,096 columns, 20 s to close, 1 s before logs are opened again}
  public static IngestOptions defaults() {
    return new IngestOptions(
        DEFAULT_SEGMENT_BYTES,
        SyncPolicy.fdatasync(),
        50_000,
        Duration.ofSeconds(5),
        8,
        MemoryBudget.defaultBytes(),
        DiskBudget.defaults(),
        100_000,
        4_096,
        Duration.ofSeconds(20),
        Duration.ofSeconds(1));
  }

  /// {@return these options with another segment size}
  ///
  /// @param value the size of a segment of the shard log, in bytes
  public IngestOptions withSegmentBytes(long value) {
    return with(draft -> draft.segmentBytes = value);
  }

  /// {@return these options with another sync policy}
  ///
  /// @param value when a write is acknowledged
  public IngestOptions withSync(SyncPolicy value) {
    return with(draft -> draft.sync = value);
  }

  /// {@return these options with other thresholds for flushes}
  ///
  /// @param rows a measurement with this many rows in memory is flushed
  /// @param age a measurement whose oldest row is this long in memory is flushed
  public IngestOptions withFlush(int rows, Duration age) {
    return with(
        draft -> {
          draft.flushRows = rows;
          draft.flushAge = age;
        });
  }

  /// {@return these options with another number of files at once}
  ///
  /// @param value how many files are written at once, 1 to 64
  public IngestOptions withFlushThreads(int value) {
    return with(draft -> draft.flushThreads = value);
  }

  /// {@return these options with another memory budget}
  ///
  /// @param value the memory for rows and bodies, in bytes
  public IngestOptions withMemoryBytes(long value) {
    return with(draft -> draft.memoryBytes = value);
  }

  /// {@return these options with another disk budget}
  ///
  /// @param value what the logs may take
  public IngestOptions withDisk(DiskBudget value) {
    return with(draft -> draft.disk = value);
  }

  /// {@return these options with other limits of the catalog}
  ///
  /// @param measurements the most measurements, over all databases
  /// @param columns the most columns of a measurement
  public IngestOptions withCatalogLimits(int measurements, int columns) {
    return with(
        draft -> {
          draft.maxMeasurements = measurements;
          draft.maxColumns = columns;
        });
  }

  /// {@return these options with another time to close}
  ///
  /// @param value how long [Ingest#close()] waits for flushes
  public IngestOptions withCloseTimeout(Duration value) {
    return with(draft -> draft.closeTimeout = value);
  }

  /// {@return these options with another delay after a failure}
  ///
  /// @param value how long after a log has failed for want of space the logs are opened again
  public IngestOptions withReopenDelay(Duration value) {
    return with(draft -> draft.reopenDelay = value);
  }

  private IngestOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /// The same values, one of which is about to change. For one thread.
  private static final class Draft {
    private long segmentBytes;
    private SyncPolicy sync;
    private int flushRows;
    private Duration flushAge;
    private int flushThreads;
    private long memoryBytes;
    private DiskBudget disk;
    private int maxMeasurements;
    private int maxColumns;
    private Duration closeTimeout;
    private Duration reopenDelay;

    Draft(IngestOptions from) {
      segmentBytes = from.segmentBytes;
      sync = from.sync;
      flushRows = from.flushRows;
      flushAge = from.flushAge;
      flushThreads = from.flushThreads;
      memoryBytes = from.memoryBytes;
      disk = from.disk;
      maxMeasurements = from.maxMeasurements;
      maxColumns = from.maxColumns;
      closeTimeout = from.closeTimeout;
      reopenDelay = from.reopenDelay;
    }

    IngestOptions options() {
      return new IngestOptions(
          segmentBytes,
          sync,
          flushRows,
          flushAge,
          flushThreads,
          memoryBytes,
          disk,
          maxMeasurements,
          maxColumns,
          closeTimeout,
          reopenDelay);
    }
  }
}
