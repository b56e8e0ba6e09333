package dev.tidemark.leveldb;

import java.io.IOException;

/// The store has failed for good, because a write, a sync or another change of its files did.
/// Whether what was being written survives is unknown; opening the store again finds out. The cause
/// is the first failure.
public final class LevelDbFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message what failed and what to do
  /// @param cause the first failure
  public LevelDbFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
