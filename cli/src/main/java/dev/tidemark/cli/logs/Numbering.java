package dev.tidemark.cli.logs;

/// What the numbers of a log's records are.
public enum Numbering {
  /// Our own: each record has one, none is used twice.
  LSN("LSN", "lsn", "Lsn"),

  /// The foreign system's own.
  SEQUENCE("sequence", "sequence", "Sequence"),

  /// Counted while reading, from 1 on: the system gives its records no numbers.
  RECORD("record", "record", "Record");

  private final String word;
  private final String property;
  private final String suffix;

  Numbering(String word, String property, String suffix) {
    this.word = word;
    this.property = property;
    this.suffix = suffix;
  }

  /// {@return what people call such a number}
  public String word() {
    return word;
  }

  /// {@return what a JSON property with such a number is called}
  public String property() {
    return property;
  }

  /// {@return a JSON property's name that ends in it}
  ///
  /// @param prefix what it begins with
  public String property(String prefix) {
    return prefix + suffix;
  }
}
