package dev.tidemark.leveldb;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The end of a store, which comes once: who asks for it first brings it about, whoever asks
/// meanwhile may wait. Safe for use by any number of threads.
final class Ending {
  private final AtomicReference<@Nullable Thread> first = new AtomicReference<>();
  private final CountDownLatch done = new CountDownLatch(1);

  /// {@return whether the calling thread is the first, and so the one that calls [#done()]}
  boolean begin() {
    return first.compareAndSet(null, Thread.currentThread());
  }

  /// Lets go of all who wait; to be called whether it went well or not.
  void done() {
    done.countDown();
  }

  /// Waits for [#done()]. An interrupt does not end the wait, and is kept. Whoever brings the end
  /// about, and is asked by what it calls to do so again, does not wait for itself.
  void await() {
    boolean interrupted = false;
    while (!Thread.currentThread().equals(first.get())) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
