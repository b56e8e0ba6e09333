package dev.tidemark.ingest;

/// The body was refused whole: it has bad lines, or no good one. Nothing was logged; sending it
/// again unchanged does not help.
public sealed class BadLinesException extends Exception permits ColumnConflictException {
  private static final long serialVersionUID = 1L;

  private final transient WriteResult result;

  /// @param message what is wrong, fit for the sender
  /// @param result what was found; nothing of it is stored
  public BadLinesException(String message, WriteResult result) {
    super(message);
    this.result = result;
  }

  /// {@return what was found in the body: nothing accepted, and the first faults}
  public WriteResult result() {
    return result;
  }
}
