package dev.tidemark.ingest.record;

/// The files of a flush are complete: no row of this measurement at or below `to` is needed from
/// the log again.
///
/// @param shard whose rows
/// @param database whose rows
/// @param measurement whose rows
/// @param to the last LSN of the range
/// @param files how many files it gave
/// @param rows how many rows they hold together
public record Done(int shard, String database, String measurement, long to, int files, long rows)
    implements ShardRecord {}
