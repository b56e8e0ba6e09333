package dev.tidemark.wal;

import java.io.IOException;

/// There is no room for the record: the disk is full, or the storage would not prepare another
/// segment for a reason of its own, which the cause names. Nothing was assigned, the log is
/// healthy; free space (or truncate, or see to the disk) and try again.
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
