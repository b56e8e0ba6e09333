package dev.tidemark.testkit.host;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Who runs on a [SimulatedHost], who waits and until when: the threads and the clock. One thread
/// runs at a time; whoever gives up the processor chooses the next. When nobody can run, the clock
/// jumps to the first moment somebody waits for.
///
/// Once the program has ended, or can never go on, all other threads are abandoned: what they call
/// next throws.
final class Scheduler {

  /// Ends the threads of a program that has failed.
  private static final class Abandoned extends Error {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super("the program of this thread has ended", null, false, false);
    }
  }

  // All below is guarded by this; what is volatile may be read without.
  private final IntUnaryOperator turns;
  private final Tasks tasks = new Tasks();
  private volatile @Nullable Task current;
  private volatile boolean abandoned;
  private @Nullable Throwable failure;
  private long now;
  private long switches;

  /// @param turns given how many could run, answers which of them does, from 0: the one that ran
  ///   last is 0 if it still can, the others come in the order they were started
  Scheduler(IntUnaryOperator turns) {
    this.turns = turns;
  }

  synchronized long now() {
    return now;
  }

  /// {@return how often another thread came to run}
  synchronized long switches() {
    return switches;
  }

  // ---- threads

  /// Takes the calling thread as the first, which runs.
  synchronized Task begin() {
    Task main = new Task("main", Thread.currentThread());
    tasks.add(main);
    current = main;
    return main;
  }

  /// Starts a thread, which runs when its turn comes.
  synchronized Thread start(String name, Runnable body) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(body));
    tasks.add(new Task(name, thread));
    thread.start();
    return thread;
  }

  private void run(Runnable body) {
    Task self;
    synchronized (this) {
      self = tasks.find(Thread.currentThread());
      if (self == null) {
        return; // the program ended before this thread began
      }
    }
    try {
      awaitTurn(self);
      body.run();
    } catch (Abandoned _) {
      return;
    } catch (Throwable e) {
      synchronized (this) {
        failure = failure == null ? e : failure;
      }
    }
    synchronized (this) {
      tasks.end(self);
      if (!abandoned) {
        next();
      }
    }
  }

  /// Waits until all other threads have ended by themselves: those of a program that went well do.
  void awaitOthers(Task main) {
    while (true) {
      synchronized (this) {
        List<Task> others = tasks.leftBeside(main);
        if (others.isEmpty()) {
          return;
        }
        main.waitForEndOf(others.getFirst(), Task.FOR_EVER);
      }
      switchFrom(main);
    }
  }

  /// Ends the program.
  ///
  /// @param well whether it says that it went well
  /// @throws AssertionError if it did not
  void end(Task main, boolean well) {
    List<Task> left;
    Throwable first;
    synchronized (this) {
      main.end();
      abandoned = true;
      current = null;
      left = tasks.leftBeside(main);
      left.forEach(task -> LockSupport.unpark(task.thread));
      first = failure;
    }
    if (well && first != null) {
      throw new AssertionError("a thread of the program failed", first);
    }
    if (well && !left.isEmpty()) {
      throw new AssertionError("threads are left: " + left.stream().map(t -> t.name).toList());
    }
  }

  // ---- waits; by the thread that runs

  /// As [dev.tidemark.wal.storage.Host#park].
  void park(Object blocker, long nanos) {
    if (nanos <= 0) {
      return;
    }
    Task self = self();
    synchronized (this) {
      if (self.permit || Thread.currentThread().isInterrupted()) {
        self.permit = false;
        return;
      }
      self.waitFor(blocker, momentIn(nanos));
    }
    switchFrom(self);
    synchronized (this) {
      self.permit = false;
    }
  }

  /// As [dev.tidemark.wal.storage.Host#unpark]; by any thread.
  synchronized void unpark(Thread thread) {
    Task task = tasks.find(thread);
    if (task == null || task.hasEnded()) {
      return;
    }
    if (task.isRunnable()) {
      task.permit = true;
    } else {
      task.wake();
    }
  }

  /// As [dev.tidemark.wal.storage.Host#join].
  boolean join(Thread thread, long nanos) throws InterruptedException {
    Task self = self();
    synchronized (this) {
      Task other = tasks.find(thread);
      if (other == null || other.hasEnded()) {
        return true;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      self.waitForEndOf(other, momentIn(nanos));
    }
    switchFrom(self);
    synchronized (this) {
      Task other = tasks.find(thread);
      return other == null || other.hasEnded();
    }
  }

  /// Lets another thread run first, perhaps.
  void pass() {
    switchFrom(self());
  }

  private Task self() {
    Task self = current;
    if (self == null || !self.thread.equals(Thread.currentThread())) {
      if (abandoned) {
        throw new Abandoned();
      }
      throw new IllegalStateException(Thread.currentThread() + " is no thread of this host");
    }
    return self;
  }

  // Under the lock.
  private long momentIn(long nanos) {
    return nanos > Task.FOR_EVER - now ? Task.FOR_EVER : now + nanos;
  }

  // ---- turns

  private void switchFrom(Task self) {
    synchronized (this) {
      next();
    }
    awaitTurn(self);
  }

  // Under the lock: chooses who runs.
  private void next() {
    List<Task> ready = tasks.ready(current);
    if (ready.isEmpty()) {
      ready = afterAJump();
    }
    if (ready.isEmpty()) {
      failure = new AssertionError("every thread waits: " + tasks.waiting());
      abandoned = true;
      tasks.all().forEach(task -> LockSupport.unpark(task.thread));
    } else {
      Task chosen = ready.get(ready.size() == 1 ? 0 : turns.applyAsInt(ready.size()));
      current = chosen;
      switches++;
      LockSupport.unpark(chosen.thread);
    }
  }

  private List<Task> afterAJump() {
    long first = tasks.firstMoment();
    if (first == Task.FOR_EVER) {
      return List.of();
    }
    now = Math.max(now, first);
    return tasks.wokenAt(now);
  }

  private void awaitTurn(Task self) {
    boolean interrupted = false;
    while (!self.equals(current) && !abandoned) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
      if (interrupted && isMain(self)) {
        break; // whoever runs keeps the processor, or waits for what nobody here can give
      }
    }
    if (interrupted) {
      self.thread.interrupt();
      abandon(self);
    }
    if (abandoned) {
      checkStuck(self);
      throw new Abandoned();
    }
  }

  private synchronized boolean isMain(Task self) {
    return tasks.isFirst(self);
  }

  private synchronized void abandon(Task self) {
    Task running = current;
    if (isMain(self) && !self.equals(running) && !abandoned) {
      AssertionError reason = new AssertionError("interrupted while " + name(running) + " ran");
      if (running != null) {
        reason.setStackTrace(running.thread.getStackTrace());
      }
      failure = reason;
      abandoned = true;
    }
  }

  private static String name(@Nullable Task task) {
    return task == null ? "nobody" : task.name;
  }

  private synchronized void checkStuck(Task self) {
    if (failure != null && tasks.isFirst(self)) {
      throw new AssertionError("the program is stuck", failure);
    }
  }
}
