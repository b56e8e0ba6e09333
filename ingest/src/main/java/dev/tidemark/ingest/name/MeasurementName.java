package dev.tidemark.ingest.name;

/// The name of a measurement: a letter, then letters, digits, `_` and `-` of ASCII, at most 128 in
/// all. Such a name is a folder's name too and cannot lead out of the folder above it. Immutable.
///
/// @param value the name
public record MeasurementName(String value) {
  /// The longest name, in characters.
  public static final int MAX_LENGTH = 128;

  /// The rule in words, fit for the sender.
  public static final String RULE = NameRule.text(MAX_LENGTH);

  /// Checks the rule.
  ///
  /// @throws IllegalArgumentException if the name breaks the rule; the message states the rule and
  ///   is fit for the sender
  public MeasurementName {
    if (!NameRule.allows(value, MAX_LENGTH)) {
      throw new IllegalArgumentException("invalid measurement name: " + RULE);
    }
  }

  /// {@return the name, checked}
  ///
  /// @param value the name as sent
  /// @throws IllegalArgumentException if the name breaks the rule; the message states the rule and
  ///   is fit for the sender
  public static MeasurementName of(String value) {
    return new MeasurementName(value);
  }

  /// {@return whether these bytes are the ASCII of an allowed name}
  ///
  /// @param bytes where they are
  /// @param offset the first
  /// @param length how many
  public static boolean isAllowed(byte[] bytes, int offset, int length) {
    return NameRule.allows(bytes, offset, length, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
