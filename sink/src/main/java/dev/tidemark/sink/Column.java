package dev.tidemark.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

/// One column of a file, besides the time.
///
/// @param name as the sender wrote it: any Unicode text of 1 to 1,024 bytes in UTF-8, except `time`
/// @param type what its cells hold
public record Column(String name, ColumnType type) {

  /// The longest name, in bytes of UTF-8.
  public static final int MAX_NAME_BYTES = 1024;

  /// The name that belongs to the time of the row.
  public static final String TIME = "time";

  /// Checks the name.
  ///
  /// @throws IllegalArgumentException if the name is empty, too long, `time`, holds a NUL, or is
  ///   not Unicode text (a lone surrogate)
  public Column {
    if (name.isEmpty() || name.indexOf('\0') >= 0 || !UTF_8.newEncoder().canEncode(name)) {
      throw new IllegalArgumentException("not a column name: \"" + name + "\"");
    }
    if (name.equals(TIME)) {
      throw new IllegalArgumentException("\"" + TIME + "\" is the time of the row, not a column");
    }
    if (name.length() > MAX_NAME_BYTES || name.getBytes(UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a column name is longer than " + MAX_NAME_BYTES + " bytes: \"" + name + "\"");
    }
  }
}
