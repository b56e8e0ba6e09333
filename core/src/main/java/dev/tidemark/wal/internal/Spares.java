package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Keeps prepared segments ready, on a thread of its own, which also does whatever else about files
/// need not hold up an append. Safe for use by several threads.
final class Spares {
  /// One to go on with, and the reserve.
  static final int WANTED = 2;

  private static final long RETRY_NANOS = 500_000_000;
  private static final long POLL_MILLIS = 100;

  /// A prepared segment: a file of zeros.
  record Spare(long number, long fileBytes) {}

  private final Host host;
  private final Storage storage;
  private final Space space;
  private final long segmentBytes;

  private final List<Spare> ready = new ArrayList<>(); // guarded by this; numbers ascend
  private final Queue<Runnable> jobs = new ArrayDeque<>(); // guarded by this
  private long nextNumber; // guarded by this
  private boolean renumbering; // guarded by this
  private @Nullable IOException refusal; // guarded by this
  private @Nullable Thread thread; // guarded by this
  private volatile boolean closed; // set under this

  /// @param found spares that are there already, by ascending number
  /// @param nextNumber no file of this number or above exists
  Spares(
      Host host,
      Storage storage,
      Space space,
      long segmentBytes,
      List<Spare> found,
      long nextNumber) {
    this.host = host;
    this.storage = storage;
    this.space = space;
    this.segmentBytes = segmentBytes;
    this.nextNumber = nextNumber;
    ready.addAll(found);
  }

  /// Starts the thread.
  synchronized void start() {
    space.spares(ready.size(), null);
    thread = host.start("tidemark-segments", this::run);
  }

  /// {@return how many are ready}
  synchronized int count() {
    return ready.size();
  }

  /// {@return what those that are ready take on disk}
  synchronized long bytes() {
    long bytes = 0;
    for (Spare spare : ready) {
      bytes += spare.fileBytes();
    }
    return bytes;
  }

  /// Takes the oldest spare, waiting for one that is being prepared.
  ///
  /// @param reserveToo whether the last one may be taken: for what was admitted already
  /// @throws WalFullException if there is none and none can be prepared
  synchronized Spare take(boolean reserveToo) throws WalFullException {
    int least = reserveToo ? 1 : 2;
    while (renumbering || ready.size() < least) {
      IOException reason = refusal;
      if (closed || (reason != null && !renumbering)) {
        throw new WalFullException(
            "no segment could be prepared" + (reason == null ? "" : ": " + reason.getMessage()),
            reason == null ? new IOException("closing") : reason);
      }
      waitHere(POLL_MILLIS);
    }
    Spare spare = ready.removeFirst();
    space.spares(ready.size(), refusal);
    notifyAll();
    return spare;
  }

  // Called in loops that look at their condition again. Every wait ends: the thread goes on, or
  // fails with a reason, or the log is closed.
  @SuppressWarnings("WaitNotInLoop")
  private void waitHere(long millis) {
    boolean interrupted = false;
    try {
      wait(millis);
    } catch (InterruptedException _) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      Thread.onSpinWait();
    }
  }

  /// Prepares a segment of a size of its own, and waits for it.
  ///
  /// @throws WalFullException if it cannot be prepared
  Spare prepareOwn(long fileBytes) throws IOException {
    try {
      return call(
          () -> {
            long number = claimNumber();
            SegmentFiles.prepare(storage, number, fileBytes, () -> closed);
            return new Spare(number, fileBytes);
          });
    } catch (IOException e) {
      throw new WalFullException(
          "no space for a segment of " + fileBytes + " bytes: " + e.getMessage(), e);
    }
  }

  private synchronized long claimNumber() {
    return nextNumber++;
  }

  /// Takes back what [#prepareOwn] made and nobody used.
  void giveBack(Spare unused) {
    later(() -> storage.delete(SegmentHeader.fileName(unused.number())));
  }

  /// Gives a spare made by [#prepareOwn] a new number if later ones were activated before it:
  /// numbers of activated segments ascend. For the lease holder.
  ///
  /// @return the spare, under a number above `activated`
  Spare above(long activated, Spare own) throws IOException {
    if (own.number() > activated) {
      return own;
    }
    long number = claimNumber();
    storage.rename(SegmentHeader.fileName(own.number()), SegmentHeader.fileName(number));
    storage.syncDirectory();
    return new Spare(number, own.fileBytes());
  }

  /// Gives new numbers to spares that were passed over: numbers of activated segments ascend.
  void renumberBelow(long activated) {
    synchronized (this) {
      if (ready.stream().noneMatch(spare -> spare.number() < activated)) {
        return;
      }
      renumbering = true;
    }
    later(this::renumber);
  }

  private void renumber() throws IOException {
    List<Spare> old;
    synchronized (this) {
      old = List.copyOf(ready);
    }
    List<Spare> renamed = new ArrayList<>();
    try {
      for (Spare spare : old) {
        long number = claimNumber();
        storage.rename(SegmentHeader.fileName(spare.number()), SegmentHeader.fileName(number));
        renamed.add(new Spare(number, spare.fileBytes()));
      }
      storage.syncDirectory();
    } catch (IOException | RuntimeException e) {
      renamed.clear(); // none whose name may be gone after a power cut is ever activated
      throw e;
    } finally {
      synchronized (this) {
        ready.clear();
        ready.addAll(renamed);
        renumbering = false;
        space.spares(ready.size(), refusal);
        notifyAll();
      }
    }
  }

  /// Runs a job on the thread and waits for it, whatever interrupts.
  ///
  /// @throws IOException what the job threw
  /// @throws IllegalStateException if closed
  <T> T call(Callable<T> job) throws IOException {
    CompletableFuture<T> done = submit(job);
    try {
      return done.join();
    } catch (CancellationException e) {
      throw new IllegalStateException("the log is closed", e);
    } catch (java.util.concurrent.CompletionException e) {
      throw Failure.unwrapped(e);
    }
  }

  /// A job that nobody waits for.
  interface Job {
    /// Does it.
    void run() throws IOException;
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

  private synchronized <T> CompletableFuture<T> submit(Callable<T> job) {
    CompletableFuture<T> done = new CompletableFuture<>();
    if (closed) {
      done.cancel(false);
      return done;
    }
    jobs.add(
        () -> {
          try {
            if (closed) {
              done.cancel(false);
            } else {
              done.complete(job.call());
            }
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    notifyAll();
    return done;
  }

  private void run() {
    long retryAt = host.nanoTime();
    while (true) {
      Runnable job;
      long number = 0;
      synchronized (this) {
        while (jobs.isEmpty() && !closed && !mayPrepare(retryAt)) {
          waitHere(refusal == null ? 0 : POLL_MILLIS); // whatever else may change notifies
        }
        job = jobs.poll();
        if (job == null && closed) {
          return;
        }
        if (job == null) {
          number = nextNumber++;
        }
      }
      if (job != null) {
        job.run();
        retryAt = host.nanoTime(); // it may have freed space
      } else if (!prepareOne(number)) {
        retryAt = host.nanoTime() + RETRY_NANOS;
      }
    }
  }

  private boolean mayPrepare(long retryAt) {
    return ready.size() < WANTED && (refusal == null || host.nanoTime() - retryAt >= 0);
  }

  private boolean prepareOne(long number) {
    IOException reason = null;
    try {
      long usable = storage.usableBytes();
      if (usable < segmentBytes) {
        reason =
            new dev.tidemark.wal.storage.StorageFullException(
                storage.description()
                    + ": a segment takes "
                    + segmentBytes
                    + " bytes and "
                    + usable
                    + " are free");
      } else {
        SegmentFiles.prepare(storage, number, segmentBytes, () -> closed);
      }
    } catch (IOException e) {
      reason = e;
    } catch (Throwable e) {
      // Not even an error may end this thread: rotation and truncation wait for it.
      reason = new IOException(e);
    }
    synchronized (this) {
      refusal = reason;
      if (reason == null) {
        ready.add(new Spare(number, segmentBytes));
      }
      space.spares(ready.size(), reason);
      notifyAll();
    }
    return reason == null;
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
      notifyAll();
    }
    return running == null || Threads.join(running, nanos);
  }
}
