package dev.tidemark.server;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Ends connections whose clients stall, from a thread of its own: a thread that waits in a read
/// cannot look at the clock. Safe for any number of threads.
final class Stalls implements AutoCloseable {
  private final Set<Inlet> inlets = ConcurrentHashMap.newKeySet();
  private final LongAdder ended = new LongAdder();
  private final Thread thread;
  private final long tickNanos;

  // Written by close, read by the thread.
  private volatile boolean isClosed;

  Stalls(Duration tick) {
    this.tickNanos = tick.toNanos();
    this.thread = Thread.ofPlatform().daemon().name("tidemark-stalls").start(this::watch);
  }

  void add(Inlet inlet) {
    inlets.add(inlet);
  }

  void remove(Inlet inlet) {
    inlets.remove(inlet);
  }

  /// {@return how many connections were ended because they stalled}
  long ended() {
    return ended.sum();
  }

  private void watch() {
    while (!isClosed) {
      LockSupport.parkNanos(tickNanos);
      long now = System.nanoTime();
      inlets.removeIf(inlet -> isEnded(inlet, now));
    }
  }

  private boolean isEnded(Inlet inlet, long now) {
    try {
      boolean isLate = inlet.endIfLate(now);
      if (isLate) {
        ended.increment();
      }
      return isLate;
    } catch (RuntimeException e) {
      return true; // it is ending by itself
    }
  }

  @Override
  public void close() {
    isClosed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
