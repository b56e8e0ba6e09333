package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// The lock that is held over calls to the disk.
public class HostLockStress {

  /// Would catch a lock that two have, and one who waits beside a lock that nobody has.
  @JCStressTest
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "one after the other")
  @Outcome(expect = FORBIDDEN, desc = "both at once, or one sleeps on")
  @State
  public static class LockIsHeldByOneAndPassedOn {
    private final Machine host = new Machine();
    private final HostLock lock = new HostLock(host);
    private int count; // guarded by lock

    private void add(int place) {
      try {
        lock.lock();
        count++;
        lock.unlock();
      } catch (Machine.Stranded _) {
        // The machine says so.
      } finally {
        host.ended(place);
      }
    }

    @Actor
    public void first() {
      add(Machine.CALLER);
    }

    @Actor
    public void second() {
      host.enterAsThread();
      add(Machine.THREAD);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = count;
      r.r2 = host.isStranded() ? 1 : 0;
    }
  }
}
