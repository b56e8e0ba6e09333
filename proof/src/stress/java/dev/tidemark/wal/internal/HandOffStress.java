package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.tidemark.wal.WalFailedException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Who writes: an appender publishes and looks at the lease, its holder lets go and looks at
/// staging. No record is left that nobody writes, open or closing.
public class HandOffStress {

  /// Would catch an appender that looks at the lease before its publication can be seen, or a
  /// holder that looks at staging before the lease is seen to be free.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the I/O thread was woken")
  @Outcome(expect = FORBIDDEN, desc = "each relied on the other")
  @State
  public static class RecordPublishedWhileTheLeaseIsLetGoIsSeen {
    private final Line line = new Line();
    private final long claim;

    public RecordPublishedWhileTheLeaseIsLetGoIsSeen() {
      claim = line.stage();
      line.lease.take();
      line.letTheThreadSleep();
    }

    @Actor
    public void appender() {
      line.staging.publish(claim, 1);
      line.committer.nudge();
    }

    @Actor
    public void holder() {
      line.lease.release();
      line.io.afterRelease();
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = line.host.isWoken() ? 1 : 0;
    }
  }

  /// Would catch an I/O thread that looks for work before it is seen to be idle, or an appender
  /// that looks whether it is before its publication can be seen.
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "written")
  @Outcome(expect = FORBIDDEN, desc = "the I/O thread sleeps beside it")
  @State
  public static class RecordNobodyWaitsForIsWrittenByAThreadThatFallsAsleep {
    private final Line line = new Line();
    private final long claim;

    public RecordNobodyWaitsForIsWrittenByAThreadThatFallsAsleep() {
      claim = line.stage();
    }

    @Actor
    public void appender() {
      line.staging.publish(claim, 1);
      line.committer.nudge();
      line.host.ended(Machine.CALLER);
    }

    @Actor
    public void thread() {
      line.host.run();
    }

    @Arbiter
    public void after(I_Result r) {
      r.r1 = (int) line.group.durableLsn();
    }
  }

  /// The same where the appender waits, and may write by itself: would also catch an
  /// acknowledgement that wakes nobody.
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "acknowledged, and durable")
  @Outcome(expect = FORBIDDEN, desc = "never acknowledged, or not durable")
  @State
  public static class RecordIsAcknowledgedWhoeverWritesIt {
    private final Line line = new Line();
    private final long claim;

    public RecordIsAcknowledgedWhoeverWritesIt() {
      claim = line.stage();
    }

    @Actor
    public void appender(II_Result r) {
      try {
        line.staging.publish(claim, 1);
        line.committer.await(1);
        r.r1 = 1;
        r.r2 = (int) line.group.durableLsn();
      } catch (Machine.Stranded _) {
        r.r1 = 0;
      } catch (WalFailedException _) {
        r.r1 = -1;
      } finally {
        line.host.ended(Machine.CALLER);
      }
    }

    @Actor
    public void thread() {
      line.host.run();
    }
  }

  /// Would catch a close that does not see a claim, or does not wait for its publication, or ends
  /// the I/O thread before the record is written.
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "taken, and durable")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "refused, nothing is there")
  @Outcome(expect = FORBIDDEN, desc = "taken and lost, or refused and there")
  @State
  public static class AppendAgainstCloseIsDurableOrRefused {
    private final Line line = new Line();

    public AppendAgainstCloseIsDurableOrRefused() {
      line.host.runWhenJoined();
    }

    @Actor
    public void appender(II_Result r) {
      try {
        line.staging.publish(line.stage(), 1);
        line.committer.nudge();
        r.r1 = 1;
      } catch (IllegalStateException _) {
        r.r1 = 0;
      } finally {
        line.host.ended(Machine.CALLER);
      }
    }

    @Actor
    public void closer(II_Result r) {
      line.space.close();
      line.io.close(Long.MAX_VALUE / 2);
      r.r2 = (int) line.group.durableLsn();
    }
  }
}
