package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// What a record was taken apart to, as text on one line: `name: value, `, bytes in hex.
public final class DescribedText implements ValueSink {
  // Owned by the caller's thread.
  private final StringBuilder text = new StringBuilder();

  /// A text of nothing.
  public DescribedText() {}

  @Override
  public void beginObject() {
    text.append('{');
  }

  @Override
  public void endObject() {
    text.append("}, ");
  }

  @Override
  public void beginArray() {
    text.append('[');
  }

  @Override
  public void endArray() {
    text.append("], ");
  }

  @Override
  public void name(String name) {
    text.append(name).append(": ");
  }

  @Override
  public void text(String value) {
    text.append('\'').append(value).append("', ");
  }

  @Override
  public void number(long number) {
    text.append(number).append(", ");
  }

  @Override
  public void unsigned(long number) {
    text.append(Long.toUnsignedString(number)).append(", ");
  }

  @Override
  public void number(double number) {
    text.append(number).append(", ");
  }

  @Override
  public void bool(boolean claim) {
    text.append(claim).append(", ");
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    text.append(HexFormat.of().formatHex(copy)).append(", ");
  }

  @Override
  public void nothing() {
    text.append("null, ");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
