package dev.tidemark.formats;

import java.io.IOException;

/// Bytes are not what their format says. Whoever throws it changed nothing.
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long offset;

  /// @param reason what is wrong
  /// @param offset where, in bytes from the beginning of what is decoded
  public FormatException(String reason, long offset) {
    super(reason + ", at byte " + offset);
    this.offset = offset;
  }

  /// {@return where, in bytes from the beginning of what was decoded}
  public long offset() {
    return offset;
  }
}
