package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// Takes what a record holds, in the order of its bytes, while they are walked over: so that a
/// record costs no more memory than one of its lines. What is not overridden is passed over.
///
/// Buffers are views of the record, good until the call returns.
interface RecordTaker {
  /// A record of new streams begins.
  default void series(String user) {}

  /// A record of lines begins.
  default void entries(int version, String user) {}

  /// A stream begins: its labels follow, or its lines.
  ///
  /// @param ref its fingerprint, without a sign
  /// @param counter of its entries; 0 where there is none
  default void stream(long ref, long counter) {}

  /// A line of the stream begins: its metadata follow.
  default void line(long timestampNanos, ByteBuffer line) {}

  /// A label of the stream, or of the line if one has begun.
  default void label(ByteBuffer name, ByteBuffer value) {}

  /// The line ends.
  default void endLine() {}

  /// The stream ends.
  default void endStream() {}

  /// A record of a checkpoint, all of it.
  ///
  /// @throws FormatException if its chunks are looked at, and one is none
  default void checkpoint(CheckpointSeries series) throws FormatException {}
}
