package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// A sink that holds its caller to the order of calls a writer of JSON needs. For one thread at a
/// time.
public final class ValueCount implements ValueSink {
  // True for an object, false for an array; the record's own object has been begun.
  private final Deque<Boolean> open = new ArrayDeque<>();
  private boolean named;
  private long values;

  /// A sink inside the record's own object.
  public ValueCount() {
    open.push(true);
  }

  /// {@return how many values were taken}
  public long values() {
    return values;
  }

  @Override
  public void beginObject() {
    value();
    open.push(true);
  }

  @Override
  public void endObject() {
    assertThat(open.pop()).isTrue();
    assertThat(named).isFalse();
    assertThat(open).isNotEmpty();
  }

  @Override
  public void beginArray() {
    value();
    open.push(false);
  }

  @Override
  public void endArray() {
    assertThat(open.pop()).isFalse();
  }

  @Override
  public void name(String name) {
    assertThat(open.peek()).isTrue();
    assertThat(named).isFalse();
    assertThat(name).isNotNull(); // Maps of a system's own have names like "".
    named = true;
  }

  @Override
  public void text(String text) {
    assertThat(text).isNotNull();
    value();
  }

  @Override
  public void number(long number) {
    value();
  }

  @Override
  public void unsigned(long number) {
    value();
  }

  @Override
  public void number(double number) {
    value();
  }

  @Override
  public void bool(boolean claim) {
    value();
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    assertThat(bytes.remaining()).isNotNegative();
    value();
  }

  @Override
  public void nothing() {
    value();
  }

  private void value() {
    assertThat(named).isEqualTo(open.peek());
    named = false;
    values++;
  }
}
