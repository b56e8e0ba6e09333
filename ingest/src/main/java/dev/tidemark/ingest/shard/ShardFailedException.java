package dev.tidemark.ingest.shard;

import java.io.IOException;

/// The shard has stopped for good: its log failed, or a record of it cannot be read. The cause says
/// which. Opening it again finds out what is durable.
public final class ShardFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message what happened and what to do
  /// @param cause the first failure
  public ShardFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
