package dev.tidemark.wal.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Waiting: how long, and for threads of the log to end.
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
  static boolean join(Thread thread, long nanos) {
    if (thread.equals(Thread.currentThread())) {
      return true;
    }
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + nanos;
    try {
      while (true) {
        try {
          long left = Math.max(1, deadline - System.nanoTime());
          return thread.join(Duration.ofNanos(left));
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
}
