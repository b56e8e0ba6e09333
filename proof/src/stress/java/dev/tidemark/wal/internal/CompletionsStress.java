package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tidemark.wal.internal.meter.Meters;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Futures of appends: each is completed, with the LSN if that was reached.
public class CompletionsStress {
  private static final int FAILED = -1;
  private static final int FORGOTTEN = 0;

  /// What all tests of futures share.
  public abstract static class Futures {
    final Machine host = new Machine();
    final Failure failure = new Failure("a test");
    final Completions completions =
        new Completions(host, failure, () -> this.reached, new Meters(true));
    volatile long reached;
    @Nullable CompletableFuture<Long> future;

    void register(long lsn) {
      future = completions.register(lsn, Appender.NOT_TIMED);
    }

    int outcome() {
      CompletableFuture<Long> made = future;
      if (made == null || !made.isDone()) {
        return FORGOTTEN;
      }
      return made.isCompletedExceptionally() ? FAILED : (int) (long) made.join();
    }
  }

  /// Would catch a thread that looks at what is reached before it is seen to be idle.
  @JCStressTest
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "completed")
  @Outcome(expect = FORBIDDEN, desc = "the thread sleeps beside it")
  @State
  public static class FutureWhoseLsnIsReachedIsCompleted extends Futures {
    public FutureWhoseLsnIsReachedIsCompleted() {
      register(1); // starts the thread
    }

    @Actor
    public void appender() {
      register(2);
      reached = 2;
      completions.wake();
      host.ended(Machine.CALLER);
    }

    @Actor
    public void thread() {
      host.run();
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = outcome();
    }
  }

  /// Would catch a thread that looks at what is reached first and then at the failure: a record
  /// that is durable would be reported as unknown.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "completed with its LSN")
  @Outcome(expect = FORBIDDEN, desc = "failed although it was reached, or forgotten")
  @State
  public static class FutureReachedBeforeTheFailureCompletesWell extends Futures {
    public FutureReachedBeforeTheFailureCompletesWell() {
      register(1);
    }

    @Actor
    public void failing() {
      reached = 1;
      failure.set(new IOException("a test"));
      completions.wake();
      host.ended(Machine.CALLER);
    }

    @Actor
    public void thread() {
      host.run();
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = outcome();
    }
  }

  /// Would catch a future that is registered behind the thread's last look, after a failure.
  @JCStressTest
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "failed")
  @Outcome(expect = FORBIDDEN, desc = "forgotten")
  @State
  public static class FutureRegisteredWhileTheLogFailsFails extends Futures {
    public FutureRegisteredWhileTheLogFailsFails() {
      register(1);
    }

    @Actor
    public void appender() {
      register(2);
      host.ended(Machine.CALLER);
    }

    @Actor
    public void failing() {
      failure.set(new IOException("a test"));
      completions.wake();
      host.run();
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = outcome();
    }
  }

  /// The same, where the thread has ended already: would catch a look at "closed" before the future
  /// can be found.
  @JCStressTest
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "failed")
  @Outcome(expect = FORBIDDEN, desc = "forgotten")
  @State
  public static class FutureRegisteredWhileAFailedLogClosesFails extends Futures {
    public FutureRegisteredWhileAFailedLogClosesFails() {
      register(1);
    }

    @Actor
    public void appender() {
      register(2);
    }

    @Actor
    public void closer() {
      failure.set(new IOException("a test"));
      completions.close(0);
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = outcome();
    }
  }

  /// Would catch a future that both take, or that neither takes: then the count never comes to 0
  /// and the thread never ends.
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "completed, and the thread has ended")
  @Outcome(expect = FORBIDDEN, desc = "forgotten, or counted twice")
  @State
  public static class FutureIsTakenByTheThreadOrByClose extends Futures {
    public FutureIsTakenByTheThreadOrByClose() {
      register(1);
      reached = 1;
    }

    @Actor
    public void thread() {
      host.run();
    }

    @Actor
    public void closer() {
      completions.close(0);
      host.ended(Machine.CALLER);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = outcome();
      r.r2 = host.isStranded() ? 1 : 0;
    }
  }
}
