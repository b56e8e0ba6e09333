package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Threads that wait for an LSN to be reached, in cells allocated once: the cell of an LSN is its
/// low bits. A thread whose cell is taken waits in a queue instead.
///
/// Any thread may wait; [#advance] is for the lease holder only.
final class Waiters {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Thread[].class);
  private static final VarHandle REACHED;

  static {
    try {
      REACHED = MethodHandles.lookup().findVarHandle(Waiters.class, "reached", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private record Overflow(long lsn, Thread thread) {}

  private final Host host;
  private final Failure failure;
  private final Thread[] cells; // element access by CELL; set and cleared by the waiting thread
  private final ConcurrentLinkedQueue<Overflow> overflow = new ConcurrentLinkedQueue<>();
  private long reached; // by REACHED; written by the lease holder
  private volatile boolean closed; // set once, by close

  /// @param cells how many, a power of two
  /// @param reached the LSN reached already
  Waiters(Host host, Failure failure, int cells, long reached) {
    this.host = host;
    this.failure = failure;
    this.cells = new Thread[cells];
    this.reached = reached;
  }

  /// {@return the LSN reached}
  long reached() {
    return (long) REACHED.getVolatile(this);
  }

  /// Waits, whatever interrupts, until an LSN is reached.
  ///
  /// @throws WalFailedException if the log fails first
  void await(long lsn) throws WalFailedException {
    if (reached() >= lsn) {
      return;
    }
    boolean interrupted = false;
    Thread thread = Thread.currentThread();
    boolean inCell = enter(lsn, thread);
    try {
      while (reached() < lsn) {
        failure.check();
        host.park(this, Long.MAX_VALUE);
        interrupted |= Thread.interrupted();
      }
    } finally {
      leave(lsn, thread, inCell);
      if (interrupted) {
        thread.interrupt();
      }
    }
  }

  /// Waits until an LSN is reached, a time passes, the waiters are closed or the thread is
  /// interrupted.
  ///
  /// @return whether it is reached
  /// @throws WalFailedException if the log fails first
  boolean await(long lsn, long nanos) throws WalFailedException, InterruptedException {
    long deadline = host.nanoTime() + nanos;
    Thread thread = Thread.currentThread();
    boolean inCell = enter(lsn, thread);
    try {
      while (reached() < lsn) {
        failure.check();
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long left = deadline - host.nanoTime();
        if (left <= 0 || closed) {
          return false;
        }
        host.park(this, left);
      }
      return true;
    } finally {
      leave(lsn, thread, inCell);
    }
  }

  private boolean enter(long lsn, Thread thread) {
    if (CELL.compareAndSet(cells, cellOf(lsn), (Thread) null, thread)) {
      return true;
    }
    overflow.add(new Overflow(lsn, thread));
    return false;
  }

  private void leave(long lsn, Thread thread, boolean inCell) {
    if (inCell) {
      CELL.setRelease(cells, cellOf(lsn), (Thread) null);
    } else {
      overflow.removeIf(waiter -> waiter.thread().equals(thread) && waiter.lsn() == lsn);
    }
  }

  private int cellOf(long lsn) {
    return (int) lsn & (cells.length - 1);
  }

  /// Says that an LSN is reached and wakes whoever waits for it or for one before.
  void advance(long to) {
    long from = reached;
    if (to <= from) {
      return;
    }
    // Volatile, and before the cells are read: a waiter stores its cell, then reads this.
    REACHED.setVolatile(this, to);
    VarHandle.fullFence();
    if (to - from >= cells.length) {
      wakeCells();
    } else {
      for (long lsn = from + 1; lsn <= to; lsn++) {
        wake(cellOf(lsn));
      }
    }
    if (!overflow.isEmpty()) {
      wakeOverflow(to);
    }
  }

  private void wake(int cell) {
    Thread thread = (Thread) CELL.getAcquire(cells, cell);
    if (thread != null) {
      host.unpark(thread);
    }
  }

  private void wakeCells() {
    for (int cell = 0; cell < cells.length; cell++) {
      wake(cell);
    }
  }

  private void wakeOverflow(long to) {
    for (Overflow waiter : overflow) {
      if (waiter.lsn() <= to) {
        host.unpark(waiter.thread());
      }
    }
  }

  /// Wakes everybody, after the failure was set.
  void wakeAll() {
    VarHandle.fullFence();
    wakeCells();
    wakeOverflow(Long.MAX_VALUE);
  }

  /// Ends all waits that have a time limit.
  void close() {
    closed = true;
    wakeAll();
  }
}
