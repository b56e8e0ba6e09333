package dev.tidemark.ingest.body;

/// A body is larger than the limit, as sent or once decompressed. Sending it in parts helps.
public final class BodyTooLargeException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message which size exceeds which limit, fit for the sender
  public BodyTooLargeException(String message) {
    super(message);
  }
}
