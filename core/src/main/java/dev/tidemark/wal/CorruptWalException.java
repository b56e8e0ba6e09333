package dev.tidemark.wal;

import java.io.IOException;

/// Something that was promised durable is damaged, missing or not this log's. Nothing was changed.
///
/// Copy the directory before anything else is tried.
public final class CorruptWalException extends IOException {
  private static final long serialVersionUID = 1L;

  /// What to do about damage, for the end of a message.
  public static final String ADVICE =
      "copy the directory, look for a good copy of the file; onCorruption = SKIP keeps all that can"
          + " still be vouched for, STOP all before it";

  private final String file;
  private final long offset;
  private final long lostFrom;
  private final long lostTo;

  /// @param reason what is wrong
  /// @param file the name of the file in the log's directory
  /// @param offset where in it, in bytes; -1 if it concerns the whole file
  /// @param lostFrom the smallest LSN known to be affected, 0 if none is known
  /// @param lostTo the largest LSN known to be affected, 0 if none is known
  public CorruptWalException(String reason, String file, long offset, long lostFrom, long lostTo) {
    String where = offset < 0 ? file : file + " at byte " + offset;
    String lost =
        lostTo == 0 ? "" : "; LSN " + lostFrom + " to " + lostTo + " at least cannot be read";
    super(where + ": " + reason + lost);
    this.file = file;
    this.offset = offset;
    this.lostFrom = lostFrom;
    this.lostTo = lostTo;
  }

  private CorruptWalException(String log, CorruptWalException cause) {
    super(log + ": " + cause.getMessage(), cause);
    file = cause.file;
    offset = cause.offset;
    lostFrom = cause.lostFrom;
    lostTo = cause.lostTo;
  }

  /// {@return the same, with a message that begins with the log it is about, and this as the cause}
  ///
  /// @param log where the log is, as an operator would look for it
  public CorruptWalException in(String log) {
    return new CorruptWalException(log, this);
  }

  /// {@return the name of the damaged file in the log's directory}
  public String file() {
    return file;
  }

  /// {@return where in the file, in bytes; -1 if it concerns the whole file}
  public long offset() {
    return offset;
  }

  /// {@return the smallest LSN known to be affected, 0 if none is known}
  public long lostFrom() {
    return lostFrom;
  }

  /// {@return the largest LSN known to be affected, 0 if none is known}
  public long lostTo() {
    return lostTo;
  }
}
