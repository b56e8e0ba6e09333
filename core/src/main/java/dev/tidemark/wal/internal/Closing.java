package dev.tidemark.wal.internal;

import dev.tidemark.wal.Wal;
import java.io.IOException;

/// Ends an open log: for good, or to open it again as another. Nothing is released as long as
/// anything of it may be at the disk; then it can be tried again. Safe for any thread.
final class Closing {
  private final Opening opening;
  private final Engine engine;
  private final HostLock turn;

  // Set before anybody else sees this; then guarded by turn.
  private volatile boolean storageIsOurs;
  private boolean released; // guarded by turn

  /// @param opening how the log was opened, and is opened again
  Closing(Opening opening, Engine engine) {
    this.opening = opening;
    this.engine = engine;
    turn = new HostLock(opening.host());
  }

  /// Says that the storage is to be closed with the log.
  void ownStorage() {
    storageIsOurs = true;
  }

  /// Closes the log. The contract is `Wal.close`.
  void close() throws IOException {
    // A dependent of a future must not wait here for a close that waits for it.
    if (engine.path.completesFutures()) {
      if (!turn.tryLock()) {
        return;
      }
    } else {
      turn.lock();
    }
    try {
      if (!released) {
        closeOnce();
      }
    } finally {
      turn.unlock();
    }
  }

  private void closeOnce() throws IOException {
    if (!engine.stop(opening.closeNanos())) {
      throw new IOException(
          "the disk under "
              + opening.storage().description()
              + " does not answer; the log stays locked, close it again later");
    }
    released = true;
    release();
    if (engine.failure.isSet()) {
      throw engine.failure.exception();
    }
  }

  private void release() throws IOException {
    IOException first = engine.closeFiles();
    if (storageIsOurs) {
      try {
        opening.storage().close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null && !engine.failure.isSet()) {
      throw first;
    }
  }

  /// Opens the log again after it has failed. The contract is `Wal.reopen`.
  Wal reopen() throws IOException {
    turn.lock();
    try {
      if (released) {
        throw new IllegalStateException(
            engine.life.isReopening()
                ? "the log was reopened already; use the log that returned"
                : "the log is closed; open it again");
      }
      if (!engine.failure.isSet()) {
        throw new IllegalStateException("the log has not failed; there is no need to reopen it");
      }
      return reopenOnce();
    } finally {
      turn.unlock();
    }
  }

  private Wal reopenOnce() throws IOException {
    engine.life.beginReopening(); // before anything changes: cursors look at it after reading
    if (!engine.stop(opening.closeNanos())) {
      throw new IOException(
          "the disk under "
              + opening.storage().description()
              + " does not answer, or a checkpoint is still being written; a write of the failed log"
              + " may be on its way, so nothing was"
              + " opened. The log stays locked, reopen it again later");
    }
    engine.closeFiles(); // what they answer is no news: the log has failed
    Wal next = opening.openLocked();
    storageIsOurs = false;
    released = true;
    return next;
  }
}
