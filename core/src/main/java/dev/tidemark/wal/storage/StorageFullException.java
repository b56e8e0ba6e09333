package dev.tidemark.wal.storage;

import java.io.IOException;

/// The file system has no space left, or the quota is used up. Freeing space helps; what the call
/// was about may be partly done.
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which file, which call, what the system said
  public StorageFullException(String message) {
    super(message);
  }

  /// @param message which file, which call
  /// @param cause what the system said
  public StorageFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
