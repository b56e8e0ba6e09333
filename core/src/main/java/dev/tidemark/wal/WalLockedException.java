package dev.tidemark.wal;

import java.io.IOException;

/// Somebody has the log open: this process or another. Nothing was changed.
public final class WalLockedException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which directory, and who holds it
  public WalLockedException(String message) {
    super(message);
  }
}
