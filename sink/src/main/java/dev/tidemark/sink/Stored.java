package dev.tidemark.sink;

/// A file that is visible under its name and survives a power cut.
///
/// @param relativePath its name below the root of the sink
/// @param rows how many rows it holds
/// @param bytes how large it is
/// @param kept whether it was there before and was left as it is
public record Stored(String relativePath, long rows, long bytes, boolean kept) {}
