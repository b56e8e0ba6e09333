package dev.tidemark.ingest.name;

/// The name of a database: a letter, then letters, digits, `_` and `-` of ASCII, at most 64 in all.
/// Such a name is a folder's name too and cannot lead out of the folder above it. Immutable.
///
/// @param value the name
public record DatabaseName(String value) {
  /// The longest name, in characters.
  public static final int MAX_LENGTH = 64;

  /// Checks the rule.
  ///
  /// @throws IllegalArgumentException if the name breaks the rule; the message states the rule and
  ///   is fit for the sender
  public DatabaseName {
    if (!NameRule.allows(value, MAX_LENGTH)) {
      throw new IllegalArgumentException("invalid database name: " + NameRule.text(MAX_LENGTH));
    }
  }

  /// {@return the name, checked}
  ///
  /// @param value the name as sent
  /// @throws IllegalArgumentException if the name breaks the rule; the message states the rule and
  ///   is fit for the sender
  public static DatabaseName of(String value) {
    return new DatabaseName(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
