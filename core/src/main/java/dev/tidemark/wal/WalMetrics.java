package dev.tidemark.wal;

/// Counters of one open log since it was opened, read at one moment but not atomically.
///
/// @param records records that became durable
/// @param payloadBytes their payload, in bytes
/// @param writtenBytes what was written to segments, in bytes
/// @param groups writes that carried records
/// @param syncs syncs of the active segment
/// @param syncNanos time spent in them
/// @param rotations segments activated after the first
/// @param stagingWaits appends that found staging full
/// @param spares prepared segments waiting to be used
/// @param segmentFiles segments in use
/// @param nativeAccess whether writes and syncs go through native calls, which interrupts cannot
///   reach
public record WalMetrics(
    long records,
    long payloadBytes,
    long writtenBytes,
    long groups,
    long syncs,
    long syncNanos,
    long rotations,
    long stagingWaits,
    int spares,
    int segmentFiles,
    boolean nativeAccess) {}
