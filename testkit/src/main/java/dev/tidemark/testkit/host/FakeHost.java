package dev.tidemark.testkit.host;

import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// A machine whose clock stands still until the test moves it. Threads are real; one that waits for
/// a time wakes when the clock is moved, to look again. Safe for use by any number of threads.
public final class FakeHost implements Host {
  /// What the clock on the wall shows at first.
  public static final long EPOCH_MILLIS = 1_800_000_000_000L;

  // All guarded by this.
  private final Random random;
  private final List<Thread> waitingForTime = new ArrayList<>();
  private long now;

  /// @param seed of the random numbers
  public FakeHost(long seed) {
    random = new Random(seed);
  }

  /// Moves the clock.
  ///
  /// @param time how far
  public void advance(Duration time) {
    List<Thread> woken;
    synchronized (this) {
      now += time.toNanos();
      woken = List.copyOf(waitingForTime);
    }
    woken.forEach(LockSupport::unpark);
  }

  /// Waits until so many threads wait for a time to come.
  ///
  /// @param count how many
  /// @throws InterruptedException if interrupted
  public synchronized void awaitWaiting(int count) throws InterruptedException {
    while (waitingForTime.size() < count) {
      wait();
    }
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized long epochMillis() {
    return EPOCH_MILLIS + now / 1_000_000;
  }

  @Override
  public synchronized long random() {
    return random.nextLong();
  }

  @Override
  public Thread start(String name, Runnable body) {
    return Thread.ofPlatform().daemon().name(name).start(body);
  }

  @Override
  public void park(Object blocker, long nanos) {
    if (nanos <= 0) {
      return;
    }
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(blocker);
      return;
    }
    Thread self = Thread.currentThread();
    synchronized (this) {
      waitingForTime.add(self);
      notifyAll();
    }
    // Whoever moves the clock from here on finds this thread, so it cannot miss the moment.
    LockSupport.park(blocker);
    synchronized (this) {
      waitingForTime.remove(self);
    }
  }

  @Override
  public void unpark(Thread thread) {
    LockSupport.unpark(thread);
  }
}
