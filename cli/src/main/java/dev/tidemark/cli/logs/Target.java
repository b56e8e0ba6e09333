package dev.tidemark.cli.logs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/// A log that is being written. For one thread at a time.
///
/// What was written has its name only once [#finish] has returned, and is durable then; closing
/// without that takes away whatever there was.
public interface Target extends Closeable {
  /// {@return where it is, or will be}
  Path path();

  /// Appends a record.
  ///
  /// @param record of any log; its payload is read before this returns
  /// @throws IllegalArgumentException if the format cannot hold it, saying why
  /// @throws IOException if it cannot be written
  void append(Shown record) throws IOException;

  /// Makes what was appended durable under its name.
  ///
  /// @throws IOException if that fails
  void finish() throws IOException;
}
