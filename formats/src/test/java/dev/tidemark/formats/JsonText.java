package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// Writes what it is given as JSON in one line, without escapes: for tests to compare. For one
/// thread at a time.
public final class JsonText implements ValueSink {
  private final StringBuilder text = new StringBuilder("{");

  /// {@return the JSON}
  @Override
  public String toString() {
    return text + "}";
  }

  /// {@return a record as a format describes it}
  ///
  /// @param format the format
  /// @param payload the record
  /// @throws FormatException if the format refuses it
  public static String of(LogFormat format, ByteBuffer payload) throws FormatException {
    JsonText json = new JsonText();
    format.describe(payload, json);
    return json.toString();
  }

  private void value(String value) {
    separate();
    text.append(value);
  }

  private void separate() {
    if ("{[:".indexOf(text.charAt(text.length() - 1)) < 0) {
      text.append(',');
    }
  }

  @Override
  public void beginObject() {
    value("{");
  }

  @Override
  public void endObject() {
    text.append('}');
  }

  @Override
  public void beginArray() {
    value("[");
  }

  @Override
  public void endArray() {
    text.append(']');
  }

  @Override
  public void name(String name) {
    separate();
    text.append('"').append(name).append("\":");
  }

  @Override
  public void text(String value) {
    value('"' + value + '"');
  }

  @Override
  public void number(long number) {
    value(Long.toString(number));
  }

  @Override
  public void unsigned(long number) {
    value(Long.toUnsignedString(number));
  }

  @Override
  public void number(double number) {
    value(Double.toString(number));
  }

  @Override
  public void bool(boolean claim) {
    value(Boolean.toString(claim));
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    value('"' + HexFormat.of().formatHex(copy) + '"');
  }

  @Override
  public void nothing() {
    value("null");
  }
}
