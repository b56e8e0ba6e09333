package dev.tidemark.wal.internal;

import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Completes the futures of appends that nobody waits for, on a thread of its own: what users hang
/// on them never runs where the log writes.
///
/// A future is registered before its record is published, so the LSN it waits for is not yet
/// reached. Each future is taken out by exactly one party, which completes it: the thread, or, once
/// the log is closed, whoever finds that the thread cannot.
final class Completions {
  private static final int CELLS = 1 << 14;

  private record Pending(long lsn, CompletableFuture<Long> future, long begunNanos) {}

  private final Host host;
  private final Failure failure;
  private final LongSupplier reached;
  private final Meters meters;
  private final AtomicReferenceArray<@Nullable Pending> cells = new AtomicReferenceArray<>(CELLS);
  private final ConcurrentHashMap<Long, Pending> overflow = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private long completedLsn; // owned by the thread; set once before it starts
  private volatile boolean idle; // set by the thread before it parks
  private volatile boolean closed; // set once
  private volatile @Nullable Thread thread; // set once, under this, with the first future

  /// @param reached tells the LSN up to which appends are acknowledged
  Completions(Host host, Failure failure, LongSupplier reached, Meters meters) {
    this.host = host;
    this.failure = failure;
    this.reached = reached;
    this.meters = meters;
    completedLsn = reached.getAsLong();
  }

  /// Registers a future for an LSN that is claimed and not yet published.
  ///
  /// @param begunNanos when it was claimed, or [Appender#NOT_TIMED]
  CompletableFuture<Long> register(long lsn, long begunNanos) {
    start();
    CompletableFuture<Long> future = new CompletableFuture<>();
    Pending pending = new Pending(lsn, future, begunNanos);
    count.incrementAndGet();
    if (!cells.compareAndSet(cell(lsn), null, pending)) {
      overflow.put(lsn, pending);
    }
    if (closed) {
      drain(); // the thread may have ended: the log failed, or this would not be possible
    } else if (failure.isSet()) {
      wakeAfterFailure();
    }
    return future;
  }

  // The thread may have looked before, and may be on its way to park without being idle yet.
  private void wakeAfterFailure() {
    Thread running = thread;
    if (running != null) {
      host.unpark(running);
    }
  }

  /// Takes back a registration: the record became void.
  void cancel(long lsn) {
    Pending pending = take(lsn);
    if (pending != null) {
      pending.future().cancel(false);
    }
  }

  private void start() {
    if (thread == null) {
      startFirst();
    }
  }

  private synchronized void startFirst() {
    if (thread == null) {
      completedLsn = reached.getAsLong();
      thread = host.start("tidemark-acks", this::run);
    }
  }

  private static int cell(long lsn) {
    return (int) lsn & (CELLS - 1);
  }

  private @Nullable Pending take(long lsn) {
    Pending pending = cells.get(cell(lsn));
    if (pending != null && pending.lsn() == lsn) {
      if (!cells.compareAndSet(cell(lsn), pending, null)) {
        return null;
      }
    } else if (overflow.isEmpty()) {
      return null;
    } else {
      pending = overflow.remove(lsn);
    }
    if (pending != null) {
      count.decrementAndGet();
    }
    return pending;
  }

  /// Says that the LSN reached has grown, or that the log has failed.
  void wake() {
    Thread running = thread;
    if (count.get() > 0 && idle && running != null) {
      idle = false;
      host.unpark(running);
    }
  }

  private void run() {
    while (true) {
      boolean failed =
          failure.isSet(); // read before what is reached: what was reached completes well
      long to = reached.getAsLong();
      completeUpTo(to);
      if (failed) {
        failAll();
      }
      if (closed && count.get() == 0) {
        return;
      }
      idle = true;
      if (reached.getAsLong() == to && failed == failure.isSet() && !(closed && count.get() == 0)) {
        host.park(this, count.get() > 0 ? 100_000_000L : Long.MAX_VALUE);
      }
      idle = false;
    }
  }

  private void completeUpTo(long to) {
    if (count.get() > 0) {
      long from = completedLsn + 1;
      if (to - from >= CELLS) { // many appends that nobody hung a future on: not one by one
        completeAll(to - CELLS);
        from = to - CELLS + 1;
      }
      for (long lsn = from; lsn <= to; lsn++) {
        Pending pending = take(lsn);
        if (pending != null) {
          complete(pending);
        }
      }
    }
    completedLsn = to;
  }

  // Completes all up to an LSN, wherever they are.
  private void completeAll(long to) {
    for (int cell = 0; cell < CELLS; cell++) {
      Pending pending = cells.get(cell);
      if (pending != null && pending.lsn() <= to && cells.compareAndSet(cell, pending, null)) {
        count.decrementAndGet();
        complete(pending);
      }
    }
    for (long lsn : overflow.keySet()) {
      Pending pending = lsn <= to ? overflow.remove(lsn) : null;
      if (pending != null) {
        count.decrementAndGet();
        complete(pending);
      }
    }
  }

  private void complete(Pending pending) {
    if (pending.begunNanos() != Appender.NOT_TIMED) {
      meters.appended(host.nanoTime() - pending.begunNanos());
    }
    pending.future().complete(pending.lsn());
  }

  private void failAll() {
    for (int cell = 0; cell < CELLS; cell++) {
      Pending pending = cells.get(cell);
      if (pending != null && cells.compareAndSet(cell, pending, null)) {
        count.decrementAndGet();
        pending.future().completeExceptionally(failure.exception());
      }
    }
    for (long lsn : overflow.keySet()) {
      Pending pending = overflow.remove(lsn);
      if (pending != null) {
        count.decrementAndGet();
        pending.future().completeExceptionally(failure.exception());
      }
    }
  }

  // Completes all that can be, on any thread.
  private void drain() {
    boolean failed = failure.isSet(); // before what is reached, as in run
    completeAll(reached.getAsLong());
    if (failed) {
      failAll();
    }
  }

  /// {@return whether this is the thread on which dependents run}
  boolean isCurrentThread() {
    return Thread.currentThread().equals(thread);
  }

  /// Completes what is left and ends the thread. The log takes nothing more and is drained or has
  /// failed. If the thread is busy with a dependent that blocks, or is this one, it ends when that
  /// returns; the futures are completed here.
  ///
  /// @param nanos how long to wait for the thread
  void close(long nanos) {
    closed = true;
    Thread running;
    synchronized (this) {
      running = thread;
    }
    if (running == null) {
      return;
    }
    host.unpark(running);
    if (isCurrentThread() || !Threads.join(host, running, nanos)) {
      drain();
    }
  }
}
