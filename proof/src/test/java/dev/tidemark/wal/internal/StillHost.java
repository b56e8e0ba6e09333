package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;

/// A machine of one thread: to wait for a time is to move its clock. To start another thread, or to
/// wait for one, is an error of the test's subject.
final class StillHost implements Host {
  private long now;
  private long random = 1;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public long epochMillis() {
    return now / 1_000_000;
  }

  @Override
  public long random() {
    random = random * 6364136223846793005L + 1442695040888963407L; // Knuth's, in MMIX
    return random;
  }

  @Override
  public Thread start(String name, Runnable body) {
    throw new AssertionError("a thread: " + name);
  }

  @Override
  public void park(Object blocker, long nanos) {
    if (nanos == Long.MAX_VALUE) {
      throw new AssertionError("waits for ever: " + blocker);
    }
    now += Math.max(nanos, 100_000_000); // it may be late
  }

  @Override
  public void unpark(Thread thread) {
    throw new AssertionError("wakes a thread");
  }
}
