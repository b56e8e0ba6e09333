package dev.tidemark.ingest.shard;

import java.time.Duration;

/// How one shard works.
///
/// @param flushRows a measurement with this many rows in memory is flushed
/// @param flushAge a measurement whose oldest row is this long in memory is flushed
/// @param flushThreads how many files are written at once
/// @param bufferBytes the memory for rows that are in no file yet, in bytes
public record ShardOptions(int flushRows, Duration flushAge, int flushThreads, long bufferBytes) {}
