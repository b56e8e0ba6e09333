package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;

/// One column of a measurement. Immutable: neither its type nor its place ever changes.
///
/// @param key its name, as the parser gives it
/// @param name its name
/// @param type what it holds
/// @param index its place among the measurement's columns, in the order they came, from 0
/// @param catalogLsn the LSN of the catalog record that brought it
public record CatalogColumn(Slice key, String name, ColumnType type, int index, long catalogLsn) {}
