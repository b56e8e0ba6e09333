package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The first thing that went wrong for good. Set at most once; never taken back. Safe for any
/// thread.
final class Failure {
  private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();
  private final String log;

  /// @param log how messages name the log
  Failure(String log) {
    this.log = log;
  }

  /// Records the failure.
  ///
  /// @return true if it is the first
  boolean set(Throwable first) {
    return cause.compareAndSet(null, first);
  }

  /// {@return how messages name the log}
  String log() {
    return log;
  }

  /// {@return whether the log has failed}
  boolean isSet() {
    return cause.get() != null;
  }

  /// {@return the cause, or null}
  @Nullable Throwable cause() {
    return cause.get();
  }

  /// Answers with the failure, if there is one.
  void check() throws WalFailedException {
    if (cause.get() != null) {
      throw exception();
    }
  }

  /// Rethrows what another thread threw on a caller's behalf.
  ///
  /// @return never; declared so that callers can say `throw`
  static IOException unwrapped(CompletionException wrapper) throws IOException {
    switch (wrapper.getCause()) {
      case IOException cause -> throw cause;
      case RuntimeException cause -> throw cause;
      case Error cause -> throw cause;
      case null, default -> throw wrapper;
    }
  }

  /// {@return what every waiter is told}
  WalFailedException exception() {
    Throwable first = cause.get();
    return new WalFailedException(
        "the log in "
            + log
            + " has failed and takes nothing more; what was not yet acknowledged may or may not be"
            + " stored. Mend the cause, then open the log again: "
            + first,
        first == null ? new IllegalStateException("no cause") : first);
  }
}
