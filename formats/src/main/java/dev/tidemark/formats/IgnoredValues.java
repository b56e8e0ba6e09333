package dev.tidemark.formats;

import java.nio.ByteBuffer;

/// A sink that takes values and does nothing with them: for those who only want to know whether a
/// record can be taken apart, and to be extended by those who look for one value among many.
public class IgnoredValues implements ValueSink {
  /// A sink without any state.
  public IgnoredValues() {}

  @Override
  public void beginObject() {}

  @Override
  public void endObject() {}

  @Override
  public void beginArray() {}

  @Override
  public void endArray() {}

  @Override
  public void name(String name) {}

  @Override
  public void text(String text) {}

  @Override
  public void number(long number) {}

  @Override
  public void unsigned(long number) {}

  @Override
  public void number(double number) {}

  @Override
  public void bool(boolean claim) {}

  @Override
  public void bytes(ByteBuffer bytes) {}

  @Override
  public void nothing() {}
}
