package dev.tidemark.ingest;

import java.io.IOException;

/// A flush could not write a file. The rows are in the log and stay in memory; writing them is
/// tried again by itself. The cause is what the sink said.
public final class SinkFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which measurement, and what to do
  /// @param cause what the sink said
  public SinkFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
