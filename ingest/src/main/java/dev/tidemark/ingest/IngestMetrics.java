package dev.tidemark.ingest;

import dev.tidemark.wal.WalMetrics;

/// Counters since the start and gauges of this moment, read one by one and not atomically.
///
/// @param requestsAccepted bodies stored, wholly or in part
/// @param requestsRefused bodies refused because of what is in them
/// @param requestsUnavailable bodies answered with [UnavailableException]
/// @param pointsAccepted points stored
/// @param linesRejected lines not stored, of refused bodies and of those stored in part
/// @param bodyBytes size of the bodies stored, in bytes
/// @param durableLsn the largest LSN of the shard log that survives a power cut
/// @param appliedLsn the largest LSN whose rows are in the buffers or beyond
/// @param lowWaterLsn the smallest LSN still needed
/// @param bufferedRows rows in memory that are in no file yet
/// @param bufferedBytes what they take in memory, in bytes
/// @param budgetBytes what they may take before requests are refused, in bytes
/// @param measurements measurements known, over all databases
/// @param openFlushes flushes under way or waiting for another try
/// @param flushedRows rows in files written since the start
/// @param flushedFiles files written or found since the start
/// @param flushFailures attempts that the sink failed
/// @param replayedRows rows that the start read back from the log
/// @param shardLog counters of the shard log
/// @param catalogLog counters of the catalog log
public record IngestMetrics(
    long requestsAccepted,
    long requestsRefused,
    long requestsUnavailable,
    long pointsAccepted,
    long linesRejected,
    long bodyBytes,
    long durableLsn,
    long appliedLsn,
    long lowWaterLsn,
    long bufferedRows,
    long bufferedBytes,
    long budgetBytes,
    int measurements,
    int openFlushes,
    long flushedRows,
    long flushedFiles,
    long flushFailures,
    long replayedRows,
    WalMetrics shardLog,
    WalMetrics catalogLog) {}
