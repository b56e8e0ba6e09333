package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// The durable LSN as others see it, and those who wait for it: nobody sleeps on.
public class WaitersStress {
  private static final int REACHED = 1;
  private static final int FAILED = 2;
  private static final int TIME_PASSED = 3;
  private static final int STRANDED = 0;

  /// What all tests of waiting share: one who waits, and one who ends the wait.
  public abstract static class Waiting {
    final Machine host = new Machine();
    final Failure failure = new Failure("a test");
    final Waiters waiters = new Waiters(host, failure, 4, 0);

    int await(long lsn) {
      try {
        waiters.await(lsn);
        return REACHED;
      } catch (Machine.Stranded _) {
        return STRANDED;
      } catch (WalFailedException _) {
        return FAILED;
      }
    }

    int awaitForTime(long lsn) {
      try {
        return waiters.await(lsn, Long.MAX_VALUE / 2) ? REACHED : TIME_PASSED;
      } catch (Machine.Stranded _) {
        return STRANDED;
      } catch (WalFailedException _) {
        return FAILED;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    void advance(long lsn) {
      waiters.advance(lsn);
      host.ended(Machine.THREAD);
    }

    void fail() {
      failure.set(new IOException("a test"));
      waiters.wakeAll();
      host.ended(Machine.THREAD);
    }

    // As if other threads waited in all of them.
    void fillCells() {
      try {
        Field field = Waiters.class.getDeclaredField("cells");
        field.setAccessible(true);
        Arrays.fill((Thread[]) field.get(waiters), Machine.STRANGER);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }
  }

  /// Would catch an LSN that is stored before what it stands for.
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not reached, not written")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "written, not reached yet")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "reached and written")
  @Outcome(expect = FORBIDDEN, desc = "reached and not written")
  @State
  public static class WhatIsReachedIsWritten extends Waiting {
    private int written;

    @Actor
    public void writer() {
      written = 1;
      waiters.advance(1);
    }

    @Actor
    public void reader(II_Result r) {
      r.r1 = (int) waiters.reached();
      r.r2 = written;
    }
  }

  /// Would catch two reads of the durable LSN that are swapped.
  @JCStressTest
  @Outcome(
      id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
      expect = ACCEPTABLE,
      desc = "it stays or grows")
  @Outcome(expect = FORBIDDEN, desc = "it falls")
  @State
  public static class ReachedNeverFalls extends Waiting {
    @Actor
    public void writer() {
      waiters.advance(1);
      waiters.advance(2);
    }

    @Actor
    public void reader(II_Result r) {
      r.r1 = (int) waiters.reached();
      r.r2 = (int) waiters.reached();
    }
  }

  /// Would catch an advance that looks at the cells before its LSN is there for all to see.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "reached")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterInItsCellIsWoken extends Waiting {
    @Actor
    public void waiter(I_Result r) {
      r.r1 = await(1);
    }

    @Actor
    public void leader() {
      advance(1);
    }
  }

  /// The same where all cells are looked at, because the LSN went far.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "reached")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterFarBehindIsWoken extends Waiting {
    @Actor
    public void waiter(I_Result r) {
      r.r1 = await(3);
    }

    @Actor
    public void leader() {
      advance(100);
    }
  }

  /// The same for one whose cell is taken: would catch a queue that is looked at too early.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "reached")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterInTheQueueIsWoken extends Waiting {
    public WaiterInTheQueueIsWoken() {
      fillCells();
    }

    @Actor
    public void waiter(I_Result r) {
      r.r1 = await(1);
    }

    @Actor
    public void leader() {
      advance(1);
    }
  }

  /// Would catch a waiter that looks at the failure before it can be found.
  @JCStressTest
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "told of the failure")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterIsToldOfAFailure extends Waiting {
    @Actor
    public void waiter(I_Result r) {
      r.r1 = await(1);
    }

    @Actor
    public void failing() {
      fail();
    }
  }

  /// The same for a wait that has a time limit, which here never comes.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "reached")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterWithATimeLimitIsWoken extends Waiting {
    @Actor
    public void waiter(I_Result r) {
      r.r1 = awaitForTime(1);
    }

    @Actor
    public void leader() {
      advance(1);
    }
  }

  /// Would catch a close that looks at the cells before it says that it closes.
  @JCStressTest
  @Outcome(id = "3", expect = ACCEPTABLE, desc = "not reached, the wait is over")
  @Outcome(expect = FORBIDDEN, desc = "sleeps on")
  @State
  public static class WaiterWithATimeLimitIsWokenByClose extends Waiting {
    @Actor
    public void waiter(I_Result r) {
      r.r1 = awaitForTime(1);
    }

    @Actor
    public void closer() {
      waiters.close();
      host.ended(Machine.THREAD);
    }
  }
}
