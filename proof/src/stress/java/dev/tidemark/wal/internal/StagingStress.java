package dev.tidemark.wal.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// The ring: who claims what, and what the consumer sees of it.
public class StagingStress {
  private static final int LENGTH = 200;
  private static final MemorySegment SEVENS = filled(7);

  private static MemorySegment filled(int with) {
    byte[] bytes = new byte[LENGTH];
    Arrays.fill(bytes, (byte) with);
    return MemorySegment.ofArray(bytes);
  }

  private static Staging ring(int bytes, long lastLsn, long firstUnit, int limit) {
    Staging staging = new Staging(bytes, lastLsn, firstUnit);
    staging.limit(firstUnit + limit, firstUnit + limit);
    return staging;
  }

  /// Would catch a claim word that is read and written in two steps.
  @JCStressTest
  @Outcome(id = "10, 21", expect = ACCEPTABLE, desc = "the first one was first")
  @Outcome(id = "21, 10", expect = ACCEPTABLE, desc = "the second one was first")
  @Outcome(expect = FORBIDDEN, desc = "a unit or an LSN twice, or a gap")
  @State
  public static class ClaimsAreDisjoint {
    private final Staging staging = ring(1024, 0, 0, 2);

    private int claim() {
      long claim = staging.tryClaim(1, 1, Staging.Kind.ORDINARY);
      return (int) staging.lsn(claim) * 10 + (int) claim;
    }

    @Actor
    public void first(II_Result r) {
      r.r1 = claim();
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = claim();
    }
  }

  /// Would catch LSNs that are assigned before it is known that there is room.
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "the first one has the room")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "the second one has it")
  @Outcome(expect = FORBIDDEN, desc = "room given twice, or an LSN left behind")
  @State
  public static class RefusedClaimLeavesNothing {
    private final Staging staging = ring(1024, 0, 0, 1);

    private int claim() {
      return staging.tryClaim(1, 1, Staging.Kind.ORDINARY) == Staging.NO_ROOM ? 0 : 1;
    }

    @Actor
    public void first(III_Result r) {
      r.r1 = claim();
    }

    @Actor
    public void second(III_Result r) {
      r.r2 = claim();
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = (int) staging.lastLsn();
    }
  }

  /// Would catch a publication that is stored before the bytes it publishes.
  @JCStressTest
  @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not published yet")
  @Outcome(id = "200", expect = ACCEPTABLE, desc = "published, and whole")
  @Outcome(expect = FORBIDDEN, desc = "published before it was copied")
  @State
  public static class PublishedRecordIsWhole {
    private final Staging staging = ring(1024, 0, 0, 16);
    private final byte[] target = new byte[LENGTH];

    @Actor
    public void appender() {
      long claim = staging.tryClaim(Staging.unitsFor(LENGTH), 1, Staging.Kind.ORDINARY);
      staging.put(claim, 0, 1, SEVENS);
      staging.publish(claim, 1);
    }

    @Actor
    public void consumer(I_Result r) {
      r.r1 = staging.isReady() ? read() : -1;
    }

    private int read() {
      if (staging.left() != 1 || staging.length() != LENGTH) {
        return -2;
      }
      staging.copyPayload(MemorySegment.ofArray(target), 0);
      int same = 0;
      for (byte b : target) {
        same += b == 7 ? 1 : 0;
      }
      return same;
    }
  }

  /// Would catch slots that are given back before what is in them was read.
  @JCStressTest
  @Outcome(id = "1, 0, -1", expect = ACCEPTABLE, desc = "there was no room yet")
  @Outcome(id = "1, 2, 2", expect = ACCEPTABLE, desc = "the slot was given back and taken")
  @Outcome(expect = FORBIDDEN, desc = "overwritten under the reader, or misplaced")
  @State
  public static class SlotIsReadBeforeItIsOverwritten {
    private static final MemorySegment ONE = MemorySegment.ofArray(new long[] {1});
    private static final MemorySegment TWO = MemorySegment.ofArray(new long[] {2});
    private final Staging staging = ring(128, 0, 0, 2); // room for one record
    private final MemorySegment target = MemorySegment.ofArray(new long[1]);

    public SlotIsReadBeforeItIsOverwritten() {
      append(ONE);
    }

    private int append(MemorySegment payload) {
      long claim = staging.tryClaim(2, 1, Staging.Kind.ORDINARY);
      if (claim == Staging.NO_ROOM) {
        return 0;
      }
      long lsn = staging.lsn(claim);
      staging.put(claim, 0, 1, payload);
      staging.publish(claim, lsn);
      return (int) lsn;
    }

    private int read() {
      staging.copyPayload(target, 0);
      return (int) target.get(ValueLayout.JAVA_LONG, 0);
    }

    @Actor
    public void consumer(III_Result r) {
      r.r1 = read();
      staging.skip(2, 1);
      long end = staging.release() + 2;
      staging.limit(end, end);
    }

    @Actor
    public void appender(III_Result r) {
      r.r2 = append(TWO);
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = staging.isReady() ? read() : -1;
    }
  }

  /// Would catch what is consumed being read after the claim, or given back in the wrong order:
  /// both counters are about to wrap here.
  @JCStressTest
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "the LSN behind the first")
  @Outcome(expect = FORBIDDEN, desc = "another LSN")
  @State
  public static class ClaimKnowsItsLsnWhileSlotsAreGivenBack {
    private static final long LAST_LSN = 2_147_483_646;
    private static final long FIRST_UNIT = 4_294_967_294L;
    private final Staging staging = ring(1024, LAST_LSN, FIRST_UNIT, 8);

    public ClaimKnowsItsLsnWhileSlotsAreGivenBack() {
      long claim = staging.tryClaim(2, 1, Staging.Kind.ORDINARY);
      staging.put(claim, 0, 1, Line.PAYLOAD);
      staging.publish(claim, LAST_LSN + 1);
    }

    @Actor
    public void consumer() {
      staging.skip(2, 1);
      staging.release();
    }

    @Actor
    public void appender(I_Result r) {
      r.r1 = (int) (staging.lsn(staging.tryClaim(2, 1, Staging.Kind.ORDINARY)) - LAST_LSN);
    }
  }

  /// Would catch a bar that only lowers the limit: a claim that had looked at it before would come
  /// after the last look at what is claimed.
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "claimed, and seen by whoever barred")
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "refused")
  @Outcome(expect = FORBIDDEN, desc = "claimed behind the bar, or seen and not claimed")
  @State
  public static class NoClaimComesBehindTheBar {
    private final Staging staging = ring(1024, 0, 0, 4);

    @Actor
    public void appender(III_Result r) {
      r.r1 = staging.tryClaim(2, 1, Staging.Kind.ORDINARY) == Staging.NO_ROOM ? 0 : 1;
    }

    @Actor
    public void closer(III_Result r) {
      staging.bar();
      r.r2 = staging.isClaimed() ? 1 : 0;
    }

    @Arbiter
    public void after(III_Result r) {
      r.r3 = staging.isClaimed() ? 1 : 0;
    }
  }
}
