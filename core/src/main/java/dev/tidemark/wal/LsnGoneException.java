package dev.tidemark.wal;

import java.io.IOException;

/// The record asked for was removed: nobody needed it any more, or retention was allowed to take it
/// from who did.
public final class LsnGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long firstAvailable;

  /// @param lsn the LSN asked for
  /// @param firstAvailable the smallest LSN that can still be read
  public LsnGoneException(long lsn, long firstAvailable) {
    super("LSN " + lsn + " was removed; the first available is " + firstAvailable);
    this.firstAvailable = firstAvailable;
  }

  /// {@return the smallest LSN that can still be read}
  public long firstAvailable() {
    return firstAvailable;
  }
}
