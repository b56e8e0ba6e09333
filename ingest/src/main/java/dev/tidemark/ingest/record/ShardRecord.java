package dev.tidemark.ingest.record;

/// One record of a shard log.
public sealed interface ShardRecord permits Envelope, Intent, Done {}
