package dev.tidemark.ingest;

import dev.tidemark.wal.SyncPolicy;
import java.time.Duration;

/// How ingest works. Immutable; start from [#defaults()] and change single values with the `with`
/// methods.
///
/// @param segmentBytes the size of a segment of the shard log, in bytes
/// @param sync when a write is acknowledged
/// @param flushRows a measurement with this many rows in memory is flushed
/// @param flushAge a measurement whose oldest row is this long in memory is flushed
/// @param flushThreads how many flushes are under way, and how many files are written, at once: 1
///   to 64; with 1 the files of a flush are written in the order of their hours
/// @param bufferBytes the memory for rows that are in no file yet, in bytes; beyond it requests are
///   refused until flushes have made room
/// @param maxMeasurements the most measurements, over all databases; lines with one more are bad
/// @param maxColumns the most columns of a measurement; lines with one more are bad
/// @param closeTimeout how long [Ingest#close()] waits for flushes; what is left then is replayed
///   at the next start
public record IngestOptions(
    long segmentBytes,
    SyncPolicy sync,
    int flushRows,
    Duration flushAge,
    int flushThreads,
    long bufferBytes,
    int maxMeasurements,
    int maxColumns,
    Duration closeTimeout) {

  /// The most memory for rows: 1 GiB, so that the text of one column fits one array.
  public static final long MAX_BUFFER_BYTES = 1 << 30;

  /// Checks every value.
  ///
  /// @throws IllegalArgumentException if a value is out of range; the message names it
  public IngestOptions {
    check(flushRows >= 1, "flushRows", flushRows);
    check(flushAge.toMillis() >= 1, "flushAge", flushAge);
    check(flushThreads >= 1 && flushThreads <= 64, "flushThreads", flushThreads);
    check(bufferBytes >= 1 << 16 && bufferBytes <= MAX_BUFFER_BYTES, "bufferBytes", bufferBytes);
    check(maxMeasurements >= 1, "maxMeasurements", maxMeasurements);
    check(maxColumns >= 1 && maxColumns <= 10_000, "maxColumns", maxColumns);
    check(!closeTimeout.isNegative(), "closeTimeout", closeTimeout);
  }

  private static void check(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is out of range: " + value);
    }
  }

  /// {@return 64 MiB segments, `fdatasync`, flushes after 50,000 rows or 5 s, 8 files at once, a
  /// quarter of the largest heap for rows (1 GiB at most), 100,000 measurements of at most 4,096
  /// columns, 20 s to close}
  public static IngestOptions defaults() {
    return new IngestOptions(
        64L << 20,
        SyncPolicy.fdatasync(),
        50_000,
        Duration.ofSeconds(5),
        8,
        Math.clamp(Runtime.getRuntime().maxMemory() / 4, 1 << 20, MAX_BUFFER_BYTES),
        100_000,
        4_096,
        Duration.ofSeconds(20));
  }

  /// {@return these options with another segment size}
  ///
  /// @param value the size of a segment of the shard log, in bytes
  public IngestOptions withSegmentBytes(long value) {
    return new IngestOptions(
        value,
        sync,
        flushRows,
        flushAge,
        flushThreads,
        bufferBytes,
        maxMeasurements,
        maxColumns,
        closeTimeout);
  }

  /// {@return these options with another sync policy}
  ///
  /// @param value when a write is acknowledged
  public IngestOptions withSync(SyncPolicy value) {
    return new IngestOptions(
        segmentBytes,
        value,
        flushRows,
        flushAge,
        flushThreads,
        bufferBytes,
        maxMeasurements,
        maxColumns,
        closeTimeout);
  }

  /// {@return these options with other thresholds for flushes}
  ///
  /// @param rows a measurement with this many rows in memory is flushed
  /// @param age a measurement whose oldest row is this long in memory is flushed
  public IngestOptions withFlush(int rows, Duration age) {
    return new IngestOptions(
        segmentBytes,
        sync,
        rows,
        age,
        flushThreads,
        bufferBytes,
        maxMeasurements,
        maxColumns,
        closeTimeout);
  }

  /// {@return these options with another number of files at once}
  ///
  /// @param value how many files are written at once, 1 to 64
  public IngestOptions withFlushThreads(int value) {
    return new IngestOptions(
        segmentBytes,
        sync,
        flushRows,
        flushAge,
        value,
        bufferBytes,
        maxMeasurements,
        maxColumns,
        closeTimeout);
  }

  /// {@return these options with another budget}
  ///
  /// @param value the memory for rows that are in no file yet, in bytes
  public IngestOptions withBufferBytes(long value) {
    return new IngestOptions(
        segmentBytes,
        sync,
        flushRows,
        flushAge,
        flushThreads,
        value,
        maxMeasurements,
        maxColumns,
        closeTimeout);
  }

  /// {@return these options with other limits of the catalog}
  ///
  /// @param measurements the most measurements, over all databases
  /// @param columns the most columns of a measurement
  public IngestOptions withCatalogLimits(int measurements, int columns) {
    return new IngestOptions(
        segmentBytes,
        sync,
        flushRows,
        flushAge,
        flushThreads,
        bufferBytes,
        measurements,
        columns,
        closeTimeout);
  }

  /// {@return these options with another time to close}
  ///
  /// @param value how long [Ingest#close()] waits for flushes
  public IngestOptions withCloseTimeout(Duration value) {
    return new IngestOptions(
        segmentBytes,
        sync,
        flushRows,
        flushAge,
        flushThreads,
        bufferBytes,
        maxMeasurements,
        maxColumns,
        value);
  }
}
