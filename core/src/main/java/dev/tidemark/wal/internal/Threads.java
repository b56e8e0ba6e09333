package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Waiting, whatever interrupts: for threads of the log to end, and for what they do.
final class Threads {
  private Threads() {}

  /// {@return a time to wait in nanoseconds: 0 if it is negative, and 292 years if it is longer}
  static long nanos(Duration timeout) {
    return Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
  }

  /// Waits, whatever interrupts, for a thread to end.
  ///
  /// @return whether it has ended; true at once for the calling thread itself, which ends after
  ///   this
  static boolean join(Host host, Thread thread, long nanos) {
    if (thread.equals(Thread.currentThread())) {
      return true;
    }
    boolean interrupted = Thread.interrupted();
    long deadline = host.nanoTime() + nanos;
    try {
      while (true) {
        try {
          return host.join(thread, Math.max(1, deadline - host.nanoTime()));
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Waits for what another thread completes.
  ///
  /// @return what it was completed with
  /// @throws CompletionException if it was completed with an exception, the cause
  /// @throws java.util.concurrent.CancellationException if it was cancelled
  static <T> T await(Host host, CompletableFuture<T> done) {
    Thread self = Thread.currentThread();
    var _ = done.whenComplete((value, error) -> host.unpark(self));
    boolean interrupted = false;
    while (!done.isDone()) {
      host.park(done, Long.MAX_VALUE);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      self.interrupt();
    }
    return done.join();
  }
}
