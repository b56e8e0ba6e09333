package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.budget.MemoryBudget;
import java.time.Duration;

/// How one shard works.
///
/// @param flushRows a measurement with this many rows in memory is flushed
/// @param flushAge a measurement whose oldest row is this long in memory is flushed
/// @param flushThreads how many files are written at once
/// @param memory what rows that are in no file yet take their memory from
public record ShardOptions(
    int flushRows, Duration flushAge, int flushThreads, MemoryBudget memory) {}
