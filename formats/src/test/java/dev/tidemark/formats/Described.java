package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// A sink that shows what it is told as a text like JSON, bytes in hexadecimal as `x'00ff'`. For
/// one thread at a time.
public final class Described implements ValueSink {
  private final StringBuilder text = new StringBuilder("{");
  private boolean first = true;

  /// What tells.
  @FunctionalInterface
  public interface Telling {
    /// Tells all.
    ///
    /// @param sink takes it
    /// @throws FormatException if there is nothing to be told
    void to(ValueSink sink) throws FormatException;
  }

  private Described() {}

  /// {@return the object that was told}
  ///
  /// @param telling tells its names and values
  /// @throws FormatException as it does
  public static String by(Telling telling) throws FormatException {
    Described described = new Described();
    telling.to(described);
    return described.text.append('}').toString();
  }

  @Override
  public void beginObject() {
    begin('{');
  }

  @Override
  public void endObject() {
    end('}');
  }

  @Override
  public void beginArray() {
    begin('[');
  }

  @Override
  public void endArray() {
    end(']');
  }

  @Override
  public void name(String name) {
    comma();
    text.append(name).append(": ");
    first = true;
  }

  @Override
  public void text(String value) {
    value("\"" + value + "\"");
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
    value("x'" + HexFormat.of().formatHex(copy) + "'");
  }

  @Override
  public void nothing() {
    value("null");
  }

  private void begin(char bracket) {
    comma();
    text.append(bracket);
    first = true;
  }

  private void end(char bracket) {
    text.append(bracket);
    first = false;
  }

  private void value(String value) {
    comma();
    text.append(value);
  }

  private void comma() {
    if (!first) {
      text.append(", ");
    }
    first = false;
  }
}
