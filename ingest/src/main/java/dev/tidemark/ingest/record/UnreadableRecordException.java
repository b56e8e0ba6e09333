package dev.tidemark.ingest.record;

import java.io.IOException;

/// A record of a log is whole, as its checksums say, but makes no sense: it was written by a newer
/// version, by another program, or the catalog beside it is not the one it was written with.
public final class UnreadableRecordException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message which record, and what is wrong with it
  public UnreadableRecordException(String message) {
    super(message);
  }

  /// @param message which record, and what is wrong with it
  /// @param cause the part of it that is wrong
  public UnreadableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
