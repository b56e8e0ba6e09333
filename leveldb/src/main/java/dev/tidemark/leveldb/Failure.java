package dev.tidemark.leveldb;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Whether the store has failed, and of what. The first failure is final: after a failed write or
/// sync nobody knows what a file holds, and a second try would prove nothing. Safe for use by any
/// number of threads.
final class Failure {
  private final String store;
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /// @param store how messages name it
  Failure(String store) {
    this.store = store;
  }

  /// {@return whether this was the first}
  boolean set(Throwable cause) {
    return first.compareAndSet(null, cause);
  }

  boolean isSet() {
    return first.get() != null;
  }

  /// @throws LevelDbFailedException if the store has failed
  void check() throws LevelDbFailedException {
    Throwable cause = first.get();
    if (cause != null) {
      throw exception(cause);
    }
  }

  /// {@return what to throw for a call that a failure ended}
  LevelDbFailedException exception(Throwable fallback) {
    Throwable cause = first.get();
    Throwable shown = cause == null ? fallback : cause;
    return new LevelDbFailedException(
        store
            + " has failed and takes no more writes: "
            + shown
            + ". Whether the writes that were under way survive is unknown; those acknowledged as synced do."
            + " Mend the cause, close the store and open it again",
        shown);
  }
}
