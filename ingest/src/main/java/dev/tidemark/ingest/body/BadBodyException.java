package dev.tidemark.ingest.body;

/// A body cannot be made plain: its encoding is unknown, contradicts its bytes, or its compressed
/// stream is cut short or damaged. Sending it again unchanged does not help. Nothing of it was
/// used.
public final class BadBodyException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message what is wrong and where, fit for the sender
  public BadBodyException(String message) {
    super(message);
  }

  /// @param message what is wrong and where, fit for the sender
  /// @param cause what the decompressor said
  public BadBodyException(String message, Throwable cause) {
    super(message, cause);
  }
}
