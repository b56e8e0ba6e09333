package dev.tidemark.testkit.host;

import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntUnaryOperator;

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
  private final SplittableRandom random; // guarded by this
  private final Scheduler scheduler;
  private boolean used; // guarded by this
  private volatile boolean callersWrite = true; // set before the run

  /// @param seed of the clock's jumps, the scheduler and the random numbers
  public SimulatedHost(long seed) {
    SplittableRandom source = new SplittableRandom(seed);
    random = source.split();
    SplittableRandom turns = source.split();
    scheduler = new Scheduler(turns::nextInt);
  }

  /// A machine on which somebody else decides who runs next.
  ///
  /// @param seed of the random numbers
  /// @param scheduler given how many could run, answers which of them does, from 0: the one that
  ///   ran last is 0 if it still can, the others come in the order they were started
  public SimulatedHost(long seed, IntUnaryOperator scheduler) {
    random = new SplittableRandom(seed).split();
    this.scheduler = new Scheduler(scheduler);
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
    Task main = scheduler.begin();
    boolean done = false;
    try {
      T answer = program.call();
      scheduler.awaitOthers(main);
      done = true;
      return answer;
    } finally {
      scheduler.end(main, done);
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
    scheduler.pass();
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
  public long switches() {
    return scheduler.switches();
  }

  // ---- Host

  @Override
  public long nanoTime() {
    return scheduler.now();
  }

  @Override
  public long epochMillis() {
    return FakeHost.EPOCH_MILLIS + nanoTime() / 1_000_000;
  }

  @Override
  public synchronized long random() {
    return random.nextLong();
  }

  @Override
  public Thread start(String name, Runnable body) {
    return scheduler.start(name, body);
  }

  @Override
  public void park(Object blocker, long nanos) {
    scheduler.park(blocker, nanos);
  }

  @Override
  public void unpark(Thread thread) {
    scheduler.unpark(thread);
  }

  @Override
  public boolean join(Thread thread, long nanos) throws InterruptedException {
    return scheduler.join(thread, nanos);
  }

  @Override
  public boolean callerMayWrite() {
    return callersWrite;
  }
}
