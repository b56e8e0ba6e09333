package dev.tidemark.wal;

import java.io.IOException;

/// There is no space for the record. Nothing was assigned, the log is healthy; free space (or
/// truncate) and try again.
public final class WalFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message what did not fit and where
  public WalFullException(String message) {
    super(message);
  }

  /// @param message what did not fit and where
  /// @param cause what the storage said
  public WalFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
