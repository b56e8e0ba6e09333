package dev.tidemark.server;

import dev.tidemark.ingest.ReplayProgress;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Lets requests reach the points while they can be served, and counts those inside, so that a stop
/// waits for them. It opens at most once and closes for good. Safe for any number of threads.
final class Gate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();

  /// Guarded by the lock for writing.
  private volatile State state = State.RECOVERING;

  /// Guarded by the lock.
  private @Nullable Points points;

  /// How many requests are inside. Guarded by the lock.
  private int inside;

  /// How far recovery has got, in words. Written by the recovering thread.
  private volatile String progress = "";

  /// How far the replay has got, null before it was told. Written by the recovering thread.
  private volatile @Nullable ReplayProgress replay;

  /// What the server can do.
  enum State {
    /// Not recovered yet.
    RECOVERING("recovering what an earlier run acknowledged"),
    /// Takes writes.
    READY("ready"),
    /// Takes no more writes.
    STOPPING("stopping, no more writes are taken");

    private final String text;

    State(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /// The points cannot be reached now; nothing was done.
  static final class ClosedGate extends Exception {
    private static final long serialVersionUID = 1L;

    ClosedGate(String message) {
      super(message, null, false, false);
    }
  }

  State state() {
    return state;
  }

  /// {@return what the server is doing, fit for those who ask}
  String message() {
    State now = state;
    String detail = progress;
    return now == State.RECOVERING && !detail.isEmpty() ? now.text() + "; " + detail : now.text();
  }

  /// Notes how far recovery has got.
  void progress(String text) {
    progress = text;
  }

  /// Notes how far the replay has got.
  void replaying(ReplayProgress now) {
    replay = now;
    progress(now.toString());
  }

  /// {@return how far the replay has got; null before it was told, and once it is done}
  @Nullable ReplayProgress replay() {
    return state == State.RECOVERING ? replay : null;
  }

  /// Lets requests in from now on.
  ///
  /// @return false if the gate was shut meanwhile; the caller still owns the points then
  boolean open(Points opened) {
    lock.lock();
    try {
      if (state != State.RECOVERING) {
        return false;
      }
      points = opened;
      state = State.READY;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Enters; to be followed by [#leave()].
  ///
  /// @throws ClosedGate if the server is not ready
  Points enter() throws ClosedGate {
    lock.lock();
    try {
      Points present = points;
      if (state != State.READY || present == null) {
        throw new ClosedGate(message());
      }
      inside++;
      return present;
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      inside--;
      if (inside == 0) {
        empty.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// {@return the points as long as they are open, for those who only look; null otherwise}
  @Nullable Points peek() {
    lock.lock();
    try {
      return state == State.READY ? points : null;
    } finally {
      lock.unlock();
    }
  }

  /// Lets nobody in any more and waits until those inside have left or the time has passed.
  ///
  /// @return the points, to be closed by the caller; null if the gate never opened or was shut
  ///   before
  @Nullable Points shut(Duration patience) {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      state = State.STOPPING;
      while (inside > 0 && nanos > 0) {
        nanos = empty.awaitNanos(nanos);
      }
      Points last = points;
      points = null;
      return last;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      Points last = points;
      points = null;
      return last;
    } finally {
      lock.unlock();
    }
  }

  /// {@return how many requests are inside}
  int inside() {
    lock.lock();
    try {
      return inside;
    } finally {
      lock.unlock();
    }
  }
}
