package dev.tidemark.formats.loki;

/// A name and a value, of a stream or of one line ("structured metadata").
///
/// @param name the name
/// @param value the value
public record Label(String name, String value) {}
