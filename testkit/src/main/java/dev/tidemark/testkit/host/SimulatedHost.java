package dev.tidemark.testkit.host;

import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A machine whose clock, scheduler and random numbers come from one seed: the same program runs
/// the same way every time.
///
/// Threads are virtual, but stand for platform threads. One of them runs at a time, until it parks,
/// joins, rests, passes or ends; who is next is drawn from the seed. When nobody can run, the clock
/// jumps to the first moment somebody waits for, so a second of rest costs nothing. When nobody
/// ever can, [#run] fails and says what each thread waits for.
///
/// Programs must wait through this host alone: a thread that blocks in a monitor or a sleep of its
/// own keeps the processor, and whoever could wake it never runs.
///
/// Only threads that this host started, and the one inside [#run], may call; [#nanoTime()],
/// [#epochMillis()] and [#unpark] may be called by any thread that such a thread waits for.
public final class SimulatedHost implements Host {
  private static final long FOR_EVER = Long.MAX_VALUE;

  /// A thread, from start to end.
  private static final class Task {
    final String name;
    final Thread thread;
    // All below is guarded by the host.
    boolean runnable = true;
    boolean permit;
    boolean ended;
    long wakeAt = FOR_EVER;
    @Nullable Object blocker;
    @Nullable Task joins;

    Task(String name, Thread thread) {
      this.name = name;
      this.thread = thread;
    }
  }

  /// Ends the threads of a program that has failed.
  private static final class Abandoned extends Error {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super("the program of this thread has ended", null, false, false);
    }
  }

  // All below is guarded by this; `current` may be read without.
  private final SplittableRandom random;
  private final IntUnaryOperator scheduler;
  private final Map<Thread, Task> tasks = new HashMap<>();
  private final List<Task> order = new ArrayList<>(); // as started: draws must not depend on hashes
  private volatile @Nullable Task current;
  private boolean used;
  private volatile boolean callersWrite = true;
  private volatile boolean abandoned; // set under this
  private @Nullable Throwable failure;
  private long now;
  private long switches;

  /// @param seed of the clock's jumps, the scheduler and the random numbers
  public SimulatedHost(long seed) {
    SplittableRandom source = new SplittableRandom(seed);
    random = source.split();
    SplittableRandom turns = source.split();
    scheduler = turns::nextInt;
  }

  /// A machine on which somebody else decides who runs next.
  ///
  /// @param seed of the random numbers
  /// @param scheduler given how many could run, answers which of them does, from 0: the one that
  ///   ran last is 0 if it still can, the others come in the order they were started
  public SimulatedHost(long seed, IntUnaryOperator scheduler) {
    random = new SplittableRandom(seed).split();
    this.scheduler = scheduler;
  }

  /// Runs a program on the first thread of this machine, and waits for the threads it starts. An
  /// interrupt of the caller reaches that first thread.
  ///
  /// @param <T> of what it answers
  /// @param program what to do
  /// @return what it answers
  /// @throws AssertionError if threads are left that wait for ever, or one ended with an exception
  /// @throws Exception what the program threw
  public <T> T run(Callable<T> program) throws Exception {
    synchronized (this) {
      if (used) {
        throw new IllegalStateException("this host has run its program; take another");
      }
      used = true;
    }
    FutureTask<T> whole = new FutureTask<>(() -> runHere(program));
    Thread main = Thread.ofVirtual().name("main").start(whole);
    boolean interrupted = false;
    while (true) {
      try {
        T answer = whole.get();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return answer;
      } catch (InterruptedException e) {
        interrupted = true;
        main.interrupt();
      } catch (ExecutionException e) {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        throw cause(e);
      }
    }
  }

  private static Exception cause(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof Exception exception ? exception : e;
  }

  private <T> T runHere(Callable<T> program) throws Exception {
    Task main = new Task("main", Thread.currentThread());
    synchronized (this) {
      add(main);
      current = main;
    }
    boolean done = false;
    try {
      T answer = program.call();
      awaitOthers(main);
      done = true;
      return answer;
    } finally {
      end(main, done);
    }
  }

  // Threads of a program that went well end by themselves.
  private void awaitOthers(Task main) {
    while (true) {
      Task other;
      synchronized (this) {
        other =
            order.stream()
                .filter(task -> !task.ended && !task.equals(main))
                .findFirst()
                .orElse(null);
        if (other == null) {
          return;
        }
        joinHere(main, other, FOR_EVER);
      }
      switchFrom(main);
    }
  }

  private void end(Task main, boolean well) {
    List<Task> left;
    synchronized (this) {
      main.ended = true;
      abandoned = true;
      current = null;
      left = order.stream().filter(task -> !task.ended && !task.equals(main)).toList();
      left.forEach(task -> LockSupport.unpark(task.thread));
    }
    Throwable first = failure;
    if (well && first != null) {
      throw new AssertionError("a thread of the program failed", first);
    }
    if (well && !left.isEmpty()) {
      throw new AssertionError("threads are left: " + left.stream().map(t -> t.name).toList());
    }
  }

  /// Lets time pass: other threads run.
  ///
  /// @param time how long
  public void rest(Duration time) {
    long until = nanoTime() + time.toNanos();
    for (long left; (left = until - nanoTime()) > 0; ) {
      park(this, left);
    }
  }

  /// Lets another thread run first, perhaps: one that could, drawn from the seed.
  ///
  /// Not to be called where the calling thread holds a monitor or a lock of Java that another may
  /// want: that one would block where this host cannot see it.
  public void pass() {
    Task self = self();
    switchFrom(self);
  }

  /// Lets no thread that appends write or sync for the log, as if all were virtual: threads of the
  /// log do it. To be called before [#run].
  ///
  /// @return this
  public SimulatedHost callersDoNotWrite() {
    callersWrite = false;
    return this;
  }

  /// {@return how often another thread came to run}
  public synchronized long switches() {
    return switches;
  }

  // ---- Host

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized long epochMillis() {
    return FakeHost.EPOCH_MILLIS + now / 1_000_000;
  }

  @Override
  public synchronized long random() {
    return random.nextLong();
  }

  @Override
  public synchronized Thread start(String name, Runnable body) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(body));
    add(new Task(name, thread));
    thread.start();
    return thread;
  }

  private void add(Task task) {
    tasks.put(task.thread, task);
    order.add(task);
  }

  private void run(Runnable body) {
    Task self;
    synchronized (this) {
      self = tasks.get(Thread.currentThread());
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
      self.ended = true;
      self.runnable = false;
      order.stream().filter(task -> self.equals(task.joins)).forEach(SimulatedHost::wake);
      if (!abandoned) {
        next();
      }
    }
  }

  @Override
  public void park(Object blocker, long nanos) {
    if (nanos <= 0) {
      return;
    }
    Task self = self();
    synchronized (this) {
      if (self.permit || Thread.currentThread().isInterrupted()) {
        self.permit = false;
        return;
      }
      waitHere(self, blocker, nanos);
    }
    switchFrom(self);
    synchronized (this) {
      self.permit = false;
    }
  }

  @Override
  public synchronized void unpark(Thread thread) {
    Task task = tasks.get(thread);
    if (task == null || task.ended) {
      return;
    }
    if (task.runnable) {
      task.permit = true;
    } else {
      wake(task);
    }
  }

  @Override
  public boolean join(Thread thread, long nanos) throws InterruptedException {
    Task self = self();
    synchronized (this) {
      Task other = tasks.get(thread);
      if (other == null || other.ended) {
        return true;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      joinHere(self, other, nanos);
    }
    switchFrom(self);
    synchronized (this) {
      Task other = tasks.get(thread);
      return other == null || other.ended;
    }
  }

  @Override
  public boolean callerMayWrite() {
    return callersWrite;
  }

  // ---- the scheduler

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
  private void waitHere(Task self, Object blocker, long nanos) {
    self.runnable = false;
    self.blocker = blocker;
    self.wakeAt = nanos > FOR_EVER - now ? FOR_EVER : now + nanos;
  }

  private void joinHere(Task self, Task other, long nanos) {
    waitHere(self, "the end of " + other.name, nanos);
    self.joins = other;
  }

  private static void wake(Task task) {
    task.runnable = true;
    task.wakeAt = FOR_EVER;
    task.blocker = null;
    task.joins = null;
  }

  private void switchFrom(Task self) {
    synchronized (this) {
      next();
    }
    awaitTurn(self);
  }

  // Under the lock: chooses who runs.
  private void next() {
    List<Task> ready = ready();
    if (ready.isEmpty()) {
      ready = afterAJump();
    }
    if (ready.isEmpty()) {
      failure = new AssertionError("every thread waits: " + waiting());
      abandoned = true;
      order.forEach(task -> LockSupport.unpark(task.thread));
    } else {
      Task chosen = ready.get(ready.size() == 1 ? 0 : scheduler.applyAsInt(ready.size()));
      current = chosen;
      switches++;
      LockSupport.unpark(chosen.thread);
    }
  }

  private List<Task> ready() {
    Task last = current;
    List<Task> ready = new ArrayList<>();
    if (last != null && last.runnable && !last.ended) {
      ready.add(last);
    }
    for (Task task : order) {
      if (task.runnable && !task.ended && !task.equals(last)) {
        ready.add(task);
      }
    }
    return ready;
  }

  private List<Task> afterAJump() {
    long first = FOR_EVER;
    for (Task task : order) {
      first = task.ended ? first : Math.min(first, task.wakeAt);
    }
    if (first == FOR_EVER) {
      return List.of();
    }
    now = Math.max(now, first);
    List<Task> ready = new ArrayList<>();
    for (Task task : order) {
      if (!task.ended && task.wakeAt <= now) {
        wake(task);
        ready.add(task);
      }
    }
    return ready;
  }

  private List<String> waiting() {
    return order.stream()
        .filter(task -> !task.ended)
        .map(task -> task.name + " for " + task.blocker)
        .toList();
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
    return order.getFirst().equals(self);
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
    if (failure != null && order.getFirst().equals(self)) {
      throw new AssertionError("the program is stuck", failure);
    }
  }
}
