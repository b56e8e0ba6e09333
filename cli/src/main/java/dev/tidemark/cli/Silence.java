package dev.tidemark.cli;

import dev.tidemark.formats.ValueSink;
import java.nio.ByteBuffer;

/// Takes a record apart for nobody: only whether it can be done is of interest.
final class Silence implements ValueSink {
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
