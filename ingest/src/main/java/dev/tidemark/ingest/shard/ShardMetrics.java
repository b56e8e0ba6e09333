package dev.tidemark.ingest.shard;

/// Counters since the start and gauges of this moment, of one shard.
///
/// @param durableLsn the largest LSN of its log that survives a power cut
/// @param appliedLsn the largest LSN whose rows are in the buffers or beyond
/// @param lowWaterLsn the smallest LSN still needed, 0 if that was not computed yet
/// @param bufferedRows rows in memory that are in no file yet
/// @param bufferedBytes what they and admitted bodies take in memory, in bytes
/// @param openFlushes flushes under way or waiting for another try
/// @param flushedRows rows in files written since the start
/// @param flushedFiles files written or found since the start
/// @param flushFailures attempts that failed
public record ShardMetrics(
    long durableLsn,
    long appliedLsn,
    long lowWaterLsn,
    long bufferedRows,
    long bufferedBytes,
    int openFlushes,
    long flushedRows,
    long flushedFiles,
    long flushFailures) {}
