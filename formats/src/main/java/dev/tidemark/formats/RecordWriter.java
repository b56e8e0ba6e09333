package dev.tidemark.formats;

import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Appends records to one file of a foreign log.
///
/// For one thread at a time. Nothing is durable before the stream behind it has been synced by
/// whoever owns it. Once a call has thrown, what is in the file is unknown and every later one
/// throws: a writer never goes on behind a torn record.
public interface RecordWriter extends Closeable, Flushable {
  /// Appends one record. It may stay in the writer's memory until [#flush()].
  ///
  /// @param payload from position to limit; the caller's again on return, position unchanged
  /// @throws IllegalArgumentException if the format cannot hold it; nothing was written
  /// @throws IOException if the stream fails, or did before
  void append(ByteBuffer payload) throws IOException;

  /// Hands everything appended to the stream.
  ///
  /// @throws IOException if the stream fails, or did before
  @Override
  void flush() throws IOException;

  /// {@return how many bytes the file has once everything is flushed}
  long size();
}
