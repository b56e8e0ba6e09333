package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One write and one sync for all who ask at the same time: they join the open *turn*, and whoever
/// leads it does the work of all. A lone platform thread leads by itself; when several ask, or
/// callers may not touch files, a thread of the log's does. Safe for use by any thread.
///
/// Anything the work throws fails the log.
final class SharedSync {
  /// What is done for all that joined it.
  interface Work {
    /// Does it. Never called by two threads at once.
    void run() throws IOException;
  }

  /// One round of the work, which several wait for.
  static final class Turn {
    private boolean done; // guarded by this
    private boolean failed; // guarded by this

    private Turn() {}

    private synchronized void finish(boolean isFailed) {
      done = true;
      failed = isFailed;
      notifyAll();
    }

    private synchronized void wakeAll() {
      notifyAll();
    }

    private synchronized void await(Failure failure) throws WalFailedException {
      boolean interrupted = false;
      try {
        while (!done) {
          failure.check();
          try {
            wait();
          } catch (InterruptedException _) {
            interrupted = true; // the bytes are on their way, whoever waits for them
          }
        }
        if (failed) {
          throw failure.exception();
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private final Host host;
  private final Failure failure;
  private final Consumer<Throwable> fail;
  private final boolean callersMayLead;
  private final String threadName;
  private final Work work;

  private Turn open = new Turn(); // guarded by this
  private Turn current = open; // guarded by this; the last that was begun
  private boolean joined; // guarded by this; whether anybody waits for the open turn
  private boolean leading; // guarded by this; whether a turn is under way
  private boolean closing; // guarded by this
  private @Nullable Thread thread; // guarded by this; started with the first use

  /// @param fail fails the log
  /// @param callersMayLead whether the storage is out of reach of interrupts
  SharedSync(
      Host host,
      Failure failure,
      Consumer<Throwable> fail,
      boolean callersMayLead,
      String threadName,
      Work work) {
    this.host = host;
    this.failure = failure;
    this.fail = fail;
    this.callersMayLead = callersMayLead;
    this.threadName = threadName;
    this.work = work;
  }

  /// Starts the thread, if it has not been. To be called before the first turn is joined.
  synchronized void start() {
    checkNotClosing();
    if (thread == null) {
      thread = host.start(threadName, this::run);
    }
  }

  private void checkNotClosing() {
    if (closing) {
      throw new IllegalStateException("the log is closed");
    }
  }

  /// Joins the open turn: its work, which has not begun, is done for this caller too.
  ///
  /// @throws IllegalStateException if the log is closed
  synchronized Turn join() {
    checkNotClosing();
    joined = true;
    return open;
  }

  /// Waits, whatever interrupts, until a turn is done, leading it on this thread if nobody else is
  /// at it.
  ///
  /// @throws WalFailedException if the log fails first
  void await(Turn turn) throws WalFailedException {
    if (takeLeadHere(turn)) {
      runTurn();
    }
    turn.await(failure);
  }

  private synchronized boolean takeLeadHere(Turn turn) {
    if (leading) {
      return false; // who leads looks again afterwards
    }
    if (callersMayLead && turn.equals(open) && !Thread.currentThread().isVirtual()) {
      leading = true;
      return true;
    }
    notifyAll();
    return false;
  }

  private void run() {
    while (takeLead()) {
      runTurn();
    }
  }

  // Waits for a turn to lead; false if there will be none.
  private synchronized boolean takeLead() {
    while (leading || !joined) {
      if (closing && !leading) {
        return false;
      }
      try {
        wait();
      } catch (InterruptedException _) {
        // Nobody interrupts this thread on purpose; it ends when the log is closed.
      }
    }
    leading = true;
    return true;
  }

  private void runTurn() {
    Turn turn;
    synchronized (this) {
      turn = open;
      current = turn;
      open = new Turn();
      joined = false;
    }
    boolean failed = true;
    try {
      failure.check();
      work.run();
      failed = failure.isSet(); // nothing is acknowledged after a failure
    } catch (Throwable e) {
      fail.accept(e);
    } finally {
      turn.finish(failed);
      synchronized (this) {
        leading = false;
        notifyAll();
      }
    }
  }

  /// Wakes everybody, after the failure was set: who leads may be stuck in the kernel.
  void wakeAll() {
    Turn first;
    Turn second;
    synchronized (this) {
      first = current;
      second = open;
    }
    first.wakeAll();
    second.wakeAll();
  }

  /// Takes no more, and does what was joined.
  ///
  /// @param nanos how long to wait for what is under way
  /// @return whether nothing is under way any more
  boolean close(long nanos) {
    long deadline = System.nanoTime() + nanos;
    Thread running;
    boolean interrupted = false;
    synchronized (this) {
      closing = true;
      notifyAll();
      while (leading || joined) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          break;
        }
        try {
          wait(millis);
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      running = thread;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    boolean ended = running == null || Threads.join(running, deadline - System.nanoTime());
    synchronized (this) {
      return ended && !leading;
    }
  }
}
