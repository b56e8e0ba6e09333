package dev.tidemark.ingest.shard;

import java.io.IOException;

/// An attempt to flush failed. The rows stay in memory and in the log, and it is tried again.
public final class FlushFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which measurement and range
  /// @param cause what the sink or the log said
  public FlushFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
