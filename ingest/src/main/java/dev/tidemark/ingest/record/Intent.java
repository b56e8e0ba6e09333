package dev.tidemark.ingest.record;

/// The promise to write the files of one flush. Durable before any of them is visible, so that a
/// crash in between finds out which files may be there and writes the same ones again.
///
/// @param shard whose rows
/// @param catalogLsn the LSN of the catalog log as of which the files have their columns
/// @param database whose rows
/// @param measurement whose rows
/// @param from the first LSN of the range: the end of the previous one plus 1, or higher
/// @param to the last LSN of the range
public record Intent(
    int shard, long catalogLsn, String database, String measurement, long from, long to)
    implements ShardRecord {}
