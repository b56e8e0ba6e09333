package dev.tidemark.leveldb;

import java.io.IOException;

/// Files of a LevelDB directory are not what they must be. Nothing was changed; the message names
/// the file, the place, and what to do where something can be done.
public final class CorruptLevelDbException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which file, where, what is wrong
  public CorruptLevelDbException(String message) {
    super(message);
  }

  /// @param message which file, where, what is wrong
  /// @param cause what found it
  public CorruptLevelDbException(String message, Throwable cause) {
    super(message, cause);
  }
}
