package dev.tidemark.ingest.shard;

/// What a replay did.
///
/// @param records records of the log that were read
/// @param rows rows taken back into memory
/// @param skippedRows rows left because a file has them
/// @param redoneFlushes interrupted flushes that are complete now
/// @param redoneRows their rows
/// @param pendingFlushes interrupted flushes whose first attempt failed again
public record Replayed(
    long records,
    long rows,
    long skippedRows,
    long redoneFlushes,
    long redoneRows,
    long pendingFlushes) {}
