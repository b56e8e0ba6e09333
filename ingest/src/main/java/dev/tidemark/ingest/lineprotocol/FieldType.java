package dev.tidemark.ingest.lineprotocol;

/// What a field holds, as the line states it.
public enum FieldType {
  /// A finite IEEE double: `1`, `-2.5`, `6.02e23`.
  FLOAT,
  /// A signed 64-bit number: `-7i`.
  INTEGER,
  /// An unsigned 64-bit number: `7u`.
  UNSIGNED,
  /// `t`, `T`, `true`, `True`, `TRUE` and the same of false.
  BOOLEAN,
  /// UTF-8 text in double quotes.
  STRING
}
