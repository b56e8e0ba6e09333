package dev.tidemark.formats;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A walk over the records of one file of a foreign log, first to last.
///
/// For one thread at a time. Memory is bounded by the largest record that is really there: no
/// length in a file makes a reader take memory before the bytes it promises have been read.
public interface RecordReader extends Closeable {
  /// Goes to the next record. Damage on the way is told to the reader's [DamageListener] first.
  ///
  /// @return whether there is one; once false, always false
  /// @throws IOException if the file cannot be read; damage is no reason
  boolean next() throws IOException;

  /// {@return the bytes of the record, from position to limit, read-only or not to be written to}
  ///
  /// They are the reader's and good until [#next()] or [#close()] is called. Only after [#next()]
  /// returned true.
  ByteBuffer payload();

  /// {@return where the record begins in the file: the first byte of its framing}
  long offset();

  /// {@return where the record ends in the file: behind the last byte of its framing or payload}
  long endOffset();

  /// Tells what the framing of the record says of it beside its payload, such as when it was
  /// written: names and values of one object, which the caller has begun and will end. By default
  /// nothing. Only after [#next()] returned true.
  ///
  /// @param sink takes the values
  default void describeFraming(ValueSink sink) {}
}
