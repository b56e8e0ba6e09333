package dev.tidemark.cli.logs;

import dev.tidemark.formats.IgnoredValues;

/// Looks for one number among the values of an object. For one thread, for one object.
final class NumberOf extends IgnoredValues {
  private final String wanted;
  private String name = "";
  private int depth;
  private boolean found;
  private long value;

  /// @param wanted its name
  NumberOf(String wanted) {
    this.wanted = wanted;
  }

  /// {@return whether it was there}
  boolean isFound() {
    return found;
  }

  /// {@return the number}
  long value() {
    return value;
  }

  @Override
  public void beginObject() {
    depth++;
  }

  @Override
  public void endObject() {
    depth--;
  }

  @Override
  public void beginArray() {
    depth++;
  }

  @Override
  public void endArray() {
    depth--;
  }

  @Override
  public void name(String next) {
    name = next;
  }

  @Override
  public void number(long number) {
    if (depth == 0 && name.equals(wanted)) {
      found = true;
      value = number;
    }
  }

  @Override
  public void unsigned(long number) {
    number(number);
  }
}
