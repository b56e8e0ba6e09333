package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The thread that does with files whatever need not hold up an append: jobs in the order they
/// come, and between them chores, step by step. No job waits longer than one step of a chore.
///
/// Safe for use by several threads.
final class FileThread {
  private static final long AFTER_AN_ERROR_NANOS = 500_000_000;

  private final Host host;
  private final Queue<Runnable> jobs = new ArrayDeque<>(); // guarded by this
  private @Nullable Thread thread; // guarded by this
  private volatile boolean closed; // set under this

  /// A job that nobody waits for.
  interface Job {
    /// Does it.
    void run() throws IOException;
  }

  /// Work without an end, done on the thread alone.
  interface Chore {
    /// Does what is due, in bounded time. Failures are its own affair.
    ///
    /// @return how long nothing is due, in nanoseconds, if nobody wakes the thread
    long step();

    /// Leaves things as the next open expects them; nothing is called afterwards.
    void stop();
  }

  FileThread(Host host) {
    this.host = host;
  }

  /// Starts the thread.
  synchronized void start(List<Chore> chores) {
    thread = host.start("tidemark-segments", () -> run(chores));
  }

  /// {@return whether it takes no more jobs}
  boolean isClosed() {
    return closed;
  }

  /// Runs a job on the thread and waits for it, whatever interrupts.
  ///
  /// @throws IOException what the job threw
  /// @throws IllegalStateException if closed
  <T> T call(Callable<T> job) throws IOException {
    CompletableFuture<T> done = submit(job);
    try {
      return Threads.await(host, done);
    } catch (CancellationException e) {
      throw new IllegalStateException("the log is closed", e);
    } catch (CompletionException e) {
      throw Failure.unwrapped(e);
    }
  }

  /// Runs a job on the thread, some time. What it throws is of no interest to the caller; jobs fail
  /// the log by themselves where they must.
  void later(Job job) {
    var _ =
        submit(
            () -> {
              job.run();
              return job;
            });
  }

  private <T> CompletableFuture<T> submit(Callable<T> job) {
    CompletableFuture<T> done = new CompletableFuture<>();
    synchronized (this) {
      if (closed) {
        done.cancel(false);
        return done;
      }
      jobs.add(() -> complete(done, job));
    }
    wake();
    return done;
  }

  private <T> void complete(CompletableFuture<T> done, Callable<T> job) {
    try {
      if (closed) {
        done.cancel(false);
      } else {
        done.complete(job.call());
      }
    } catch (Throwable e) {
      done.completeExceptionally(e);
    }
  }

  /// Lets the thread look for what is due now.
  void wake() {
    Thread running;
    synchronized (this) {
      running = thread;
    }
    if (running != null) {
      host.unpark(running);
    }
  }

  private void run(List<Chore> chores) {
    try {
      while (true) {
        Runnable job;
        synchronized (this) {
          job = jobs.poll();
          if (job == null && closed) {
            return;
          }
        }
        if (job != null) {
          job.run();
        } else {
          long nanos = step(chores);
          if (nanos > 0) {
            host.park(this, nanos);
            boolean _ = Thread.interrupted(); // nobody's business here, and it would end every wait
          }
        }
      }
    } finally {
      chores.forEach(Chore::stop);
    }
  }

  // Not even an error may end this thread: rotation and truncation wait for it.
  private static long step(List<Chore> chores) {
    long nanos = Long.MAX_VALUE;
    for (Chore chore : chores) {
      try {
        nanos = Math.min(nanos, chore.step());
      } catch (Throwable _) {
        nanos = Math.min(nanos, AFTER_AN_ERROR_NANOS);
      }
    }
    return nanos;
  }

  /// Ends the thread; jobs that have not begun are cancelled.
  ///
  /// @param nanos how long to wait for what is under way
  /// @return whether the thread has ended
  boolean close(long nanos) {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    wake();
    return running == null || Threads.join(host, running, nanos);
  }
}
