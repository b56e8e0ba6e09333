package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
    private final Host host;
    private final List<Thread> waiting = new ArrayList<>(); // guarded by this
    private volatile boolean done; // set once, after failed
    private boolean failed; // published by done

    private Turn(Host host) {
      this.host = host;
    }

    private void finish(boolean isFailed) {
      failed = isFailed;
      done = true;
      wakeAll();
    }

    private synchronized void wakeAll() {
      waiting.forEach(host::unpark);
    }

    private synchronized void enter(Thread thread) {
      waiting.add(thread);
    }

    private synchronized void leave(Thread thread) {
      waiting.remove(thread);
    }

    private void await(Failure failure) throws WalFailedException {
      if (!done) {
        awaitWoken(failure);
      }
      if (failed) {
        throw failure.exception();
      }
    }

    // Whatever interrupts: the bytes are on their way, whoever waits for them.
    private void awaitWoken(Failure failure) throws WalFailedException {
      boolean interrupted = false;
      Thread self = Thread.currentThread();
      enter(self); // before it looks: whoever finishes from here on wakes it
      try {
        while (!done) {
          failure.check();
          host.park(this, Long.MAX_VALUE);
          interrupted |= Thread.interrupted();
        }
      } finally {
        leave(self);
        if (interrupted) {
          self.interrupt();
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

  private Turn open; // guarded by this
  private Turn current; // guarded by this; the last that was begun
  private boolean joined; // guarded by this; whether anybody waits for the open turn
  private boolean leading; // guarded by this; whether a turn is under way
  private boolean closing; // guarded by this
  private @Nullable Thread thread; // guarded by this; started with the first use
  private @Nullable Thread closer; // guarded by this; whose turn it is to close: one at a time

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
    open = new Turn(host);
    current = open;
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
    if (callersMayLead && turn.equals(open) && host.callerMayWrite()) {
      leading = true;
      return true;
    }
    wake();
    return false;
  }

  // Lets those look that wait for this to change: the thread, and whoever closes.
  private synchronized void wake() {
    if (thread != null) {
      host.unpark(thread);
    }
    if (closer != null) {
      host.unpark(closer);
    }
  }

  private void run() {
    while (true) {
      synchronized (this) {
        if (closing && !leading && !joined) {
          return;
        }
      }
      if (takeLead()) {
        runTurn();
      } else {
        host.park(this, Long.MAX_VALUE);
        boolean _ = Thread.interrupted(); // nobody's business: it ends when the log is closed
      }
    }
  }

  // Answers false if there is nothing to lead now.
  private synchronized boolean takeLead() {
    if (leading || !joined) {
      return false;
    }
    leading = true;
    return true;
  }

  private void runTurn() {
    Turn turn;
    synchronized (this) {
      turn = open;
      current = turn;
      open = new Turn(host);
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
        wake();
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
    long deadline = host.nanoTime() + nanos;
    Thread running;
    synchronized (this) {
      closing = true;
      closer = Thread.currentThread();
      running = thread;
      wake();
    }
    boolean interrupted = false;
    long left;
    while (isBusy() && (left = deadline - host.nanoTime()) > 0) {
      host.park(this, left);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    boolean ended =
        running == null || Threads.join(host, running, Math.max(0, deadline - host.nanoTime()));
    synchronized (this) {
      closer = null;
      return ended && !leading;
    }
  }

  private synchronized boolean isBusy() {
    return leading || joined;
  }
}
