package dev.tidemark.wal;

/// One file of the log, as of the moment it was asked for.
///
/// @param number its number, never reused; the file is named after it
/// @param firstLsn the smallest LSN it may hold
/// @param lastLsn the largest LSN it holds, `firstLsn - 1` if it holds none
/// @param bytes the size of the file
/// @param active whether records are still appended to it
public record Segment(long number, long firstLsn, long lastLsn, long bytes, boolean active) {}
