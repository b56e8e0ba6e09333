package dev.tidemark.wal;

/// Where a subscription stands, as of the moment it was asked for.
///
/// @param name its name
/// @param acked the largest LSN it durably acknowledged
/// @param lag how many LSNs it is behind the durable LSN
/// @param open whether somebody has it open
public record SubscriptionStatus(String name, long acked, long lag, boolean open) {}
