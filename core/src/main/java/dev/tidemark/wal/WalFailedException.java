package dev.tidemark.wal;

import java.io.IOException;

/// The log has failed for good, because a write or a sync did. Whether what was in flight survives
/// is unknown; opening the log again finds out. The cause is the first failure.
public final class WalFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message what failed and what to do
  /// @param cause the first failure
  public WalFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
