package dev.tidemark.ingest;

/// The lines are well formed, but a column of theirs contradicts what its measurement has: another
/// type, a tag where a field is or the reverse, or the name `time`. Nothing was logged.
///
/// The first error of [#result()] names both sides.
public final class ColumnConflictException extends BadLinesException {
  private static final long serialVersionUID = 1L;

  /// @param message both sides of the first conflict, fit for the sender
  /// @param result what was found; nothing of it is stored
  public ColumnConflictException(String message, WriteResult result) {
    super(message, result);
  }
}
