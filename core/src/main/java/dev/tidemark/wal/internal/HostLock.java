package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A lock whose waiters wait through the [Host], first come, first served: for what is held while
/// the disk works, or while others are waited for. A host that decides who runs then knows who
/// waits, which it cannot know of a lock of Java's.
///
/// Reentrant. No interrupt ends a wait; it is still there afterwards. A waiter enters the queue and
/// then looks at the owner; whoever lets go looks at the queue after that: one of them sees the
/// other.
final class HostLock {
  private final Host host;
  private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();
  private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();
  private int holds; // guarded by being the owner

  HostLock(Host host) {
    this.host = host;
  }

  /// Waits for the lock and takes it.
  void lock() {
    boolean _ = tryLock(Long.MAX_VALUE);
  }

  /// {@return whether the lock was taken, because nobody had it or waited for it}
  boolean tryLock() {
    Thread self = Thread.currentThread();
    if (self.equals(owner.get())) {
      holds++;
      return true;
    }
    if (waiting.isEmpty() && owner.compareAndSet(null, self)) {
      holds = 1;
      return true;
    }
    return false;
  }

  /// Waits for the lock and takes it.
  ///
  /// @param nanos how long to wait at most; [Long#MAX_VALUE] is for ever
  /// @return whether it was taken
  boolean tryLock(long nanos) {
    return tryLock() || enqueue(nanos);
  }

  private boolean enqueue(long nanos) {
    Thread self = Thread.currentThread();
    long begun = host.nanoTime();
    boolean interrupted = false;
    waiting.add(self);
    try {
      while (true) {
        if (self.equals(waiting.peek()) && owner.compareAndSet(null, self)) {
          holds = 1;
          boolean _ = waiting.remove(self);
          return true;
        }
        long left = nanos == Long.MAX_VALUE ? nanos : nanos - (host.nanoTime() - begun);
        if (left <= 0) {
          giveUp(self);
          return false;
        }
        host.park(this, left);
        interrupted |= Thread.interrupted();
      }
    } catch (RuntimeException | Error e) {
      giveUp(self); // or everybody behind would wait for it
      throw e;
    } finally {
      if (interrupted) {
        self.interrupt();
      }
    }
  }

  // The owner may have woken this one, which does not want the lock any more.
  private void giveUp(Thread self) {
    boolean _ = waiting.remove(self);
    wakeFirst();
  }

  /// Lets go of the lock.
  ///
  /// @throws IllegalMonitorStateException if the calling thread does not hold it
  void unlock() {
    if (!isHeldHere()) {
      throw new IllegalMonitorStateException("held by " + owner.get());
    }
    if (--holds == 0) {
      owner.set(null);
      wakeFirst();
    }
  }

  private void wakeFirst() {
    Thread first = waiting.peek();
    if (first != null) {
      host.unpark(first);
    }
  }

  /// {@return whether the calling thread holds it}
  boolean isHeldHere() {
    return Thread.currentThread().equals(owner.get());
  }
}
