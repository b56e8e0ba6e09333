package dev.tidemark.ingest;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets calls in while the logs are open, and keeps them out while these are opened again, and for
/// good. Safe for use by any number of threads.
final class Calls {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(10);

  /// Whether calls are let in.
  private enum State {
    OPEN,
    REOPENING,
    CLOSED
  }

  // Every call holds one permit, who keeps calls out takes all.
  private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);

  // Written under this, read by anyone. CLOSED is for good.
  private volatile State state = State.OPEN;

  /// Enters; to be followed by [#leave()].
  ///
  /// @throws UnavailableException if calls are kept out; nothing was done
  void enter() throws UnavailableException {
    if (state == State.OPEN && permits.tryAcquire()) {
      if (state == State.OPEN) {
        return;
      }
      permits.release();
    }
    if (state == State.CLOSED) {
      throw new UnavailableException("closing", false, LATER, null);
    }
    throw new UnavailableException(
        "the log failed for want of space and is being opened again", false, SOON, null);
  }

  void leave() {
    permits.release();
  }

  /// Keeps calls out for good and waits for those inside.
  ///
  /// @return false if calls had been kept out for good before
  boolean close(Duration patience) {
    synchronized (this) {
      if (state == State.CLOSED) {
        return false;
      }
      state = State.CLOSED;
    }
    try {
      var _ = permits.tryAcquire(Integer.MAX_VALUE, patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  /// Keeps calls out for a while and waits for those inside; to be followed by [#resume()] if this
  /// returns true.
  ///
  /// @return false if some did not leave in time, or calls are kept out for good
  boolean pause(Duration patience) throws InterruptedException {
    synchronized (this) {
      if (state != State.OPEN) {
        return false;
      }
      state = State.REOPENING;
    }
    if (permits.tryAcquire(Integer.MAX_VALUE, patience.toNanos(), TimeUnit.NANOSECONDS)) {
      return true;
    }
    open();
    return false;
  }

  /// Lets calls in again.
  void resume() {
    permits.release(Integer.MAX_VALUE);
    open();
  }

  private synchronized void open() {
    if (state == State.REOPENING) {
      state = State.OPEN;
    }
  }
}
