package dev.tidemark.server;

import java.util.concurrent.atomic.AtomicLong;

/// Bounds the memory that request bodies take together. Safe for any number of threads.
final class BodyBudget {
  private final long limitBytes;
  private final AtomicLong takenBytes = new AtomicLong();

  BodyBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// Takes some bytes, or none.
  ///
  /// @return false if that would exceed the limit; nothing was taken then
  boolean take(long bytes) {
    assert bytes >= 0;
    long taken;
    do {
      taken = takenBytes.get();
      if (bytes > limitBytes - taken) {
        return false;
      }
    } while (!takenBytes.compareAndSet(taken, taken + bytes));
    return true;
  }

  void give(long bytes) {
    long left = takenBytes.addAndGet(-bytes);
    assert left >= 0;
  }

  long takenBytes() {
    return takenBytes.get();
  }
}
