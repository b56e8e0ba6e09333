package dev.tidemark.server;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Bounds the memory that request bodies take together. Safe for any number of threads.
final class BodyBudget {
  private final long limitBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();

  /// Guarded by the lock.
  private long takenBytes;

  BodyBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// Takes some bytes, or none.
  ///
  /// @return false if that would exceed the limit; nothing was taken then
  boolean take(long bytes) {
    return take(bytes, Duration.ZERO);
  }

  /// Takes some bytes, if need be after waiting for others to give theirs back, or none.
  ///
  /// @return false if the time passed or the thread was interrupted first; nothing was taken then
  boolean take(long bytes, Duration patience) {
    assert bytes >= 0;
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (bytes > limitBytes - takenBytes) {
        if (nanos <= 0) {
          return false;
        }
        nanos = given.awaitNanos(nanos);
      }
      takenBytes += bytes;
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// Gives bytes back that were taken.
  void give(long bytes) {
    lock.lock();
    try {
      takenBytes -= bytes;
      assert takenBytes >= 0;
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// {@return how many bytes are taken}
  long takenBytes() {
    lock.lock();
    try {
      return takenBytes;
    } finally {
      lock.unlock();
    }
  }
}
