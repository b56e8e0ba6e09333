package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;

/// How far an open log is in its life: in use, closing, or failed and opened again as another. Safe
/// for any thread; what is asked here is asked before anything is begun, and again after a read.
final class Life {
  private final Failure failure;
  private volatile boolean closing; // set once, by whoever closes
  private volatile boolean
      reopening; // set once, by whoever reopens; its files may be another log's

  Life(Failure failure) {
    this.failure = failure;
  }

  /// Says that the log is being closed: it is used no more.
  void beginClosing() {
    closing = true;
  }

  /// Says that the log is about to be opened again as another: what it reads may be changed under
  /// it from now on.
  void beginReopening() {
    reopening = true;
  }

  /// {@return whether it was, or is being, opened again as another}
  boolean isReopening() {
    return reopening;
  }

  /// {@return whether nothing more is to be begun: it is closing, or has failed}
  boolean isOver() {
    return closing || failure.isSet();
  }

  /// Refuses what needs a log that is not closed; one that has failed can still be read.
  ///
  /// @throws WalFailedException if it was opened again as another
  /// @throws IllegalStateException if it is closed
  void checkNotClosed() throws WalFailedException {
    if (reopening) {
      throw failure.exception();
    }
    if (closing) {
      throw new IllegalStateException("the log is closed");
    }
  }

  /// Refuses what needs a log that takes appends.
  ///
  /// @throws WalFailedException if it has failed
  /// @throws IllegalStateException if it is closed
  void checkUsable() throws WalFailedException {
    failure.check();
    checkNotClosed();
  }
}
