package dev.tidemark.formats;

/// The numbers that a record carries for what is in it.
///
/// @param first the first
/// @param last the last; `first - 1` if it carries a number for nothing
public record SequenceRange(long first, long last) {}
