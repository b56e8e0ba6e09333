package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;

/// A column that somebody wants to have.
///
/// @param key its name, a copy
/// @param type what it is to hold
public record NewColumn(Slice key, ColumnType type) {}
