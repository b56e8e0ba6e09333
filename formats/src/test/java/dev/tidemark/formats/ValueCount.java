package dev.tidemark.formats;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// A sink that holds its caller to the order of calls a writer of JSON needs. It takes no memory
/// for a value, so that what is measured with it is the caller's. For one thread at a time.
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
    check(open.pop());
    check(!named);
    check(!open.isEmpty());
  }

  @Override
  public void beginArray() {
    value();
    open.push(false);
  }

  @Override
  public void endArray() {
    check(!open.pop());
  }

  @Override
  public void name(String name) {
    check(open.peek());
    check(!named);
    check(name != null); // Maps of a system's own have names like "".
    named = true;
  }

  @Override
  public void text(String text) {
    check(text != null);
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
    check(bytes.remaining() >= 0);
    value();
  }

  @Override
  public void nothing() {
    value();
  }

  private void value() {
    check(named == open.peek());
    named = false;
    values++;
  }

  private static void check(boolean inOrder) {
    if (!inOrder) {
      throw new AssertionError("not what a writer of JSON could write");
    }
  }
}
