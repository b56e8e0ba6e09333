package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Many appenders and one consumer at a small ring: every record comes out once, whole and in the
/// order of its LSN, also where the claim word wraps.
@Timeout(60)
class StagingStressTest {
  private static final int APPENDERS = 4;
  private static final int RING_BYTES = 4096;
  private static final long RUN_NANOS = 1_000_000_000L;

  private volatile boolean stop;

  @ParameterizedTest
  @CsvSource({"0, 0", "2147483643, 4294967290", "1099511627776, 8589934590"})
  void everyRecordComesOutOnceWholeAndInOrder(long lastLsn, long firstUnit) throws Exception {
    long seed = new SplittableRandom().nextLong();
    System.out.println("StagingStressTest " + lastLsn + " seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Staging staging = new Staging(RING_BYTES, lastLsn, firstUnit);
    limit(staging, firstUnit + staging.units());
    AtomicLong appended = new AtomicLong();
    List<Thread> appenders = new ArrayList<>();
    for (int i = 0; i < APPENDERS; i++) {
      SplittableRandom own = random.split();
      appenders.add(Thread.ofPlatform().start(() -> append(staging, own, appended)));
    }
    long consumed = consume(staging, lastLsn + 1, System.nanoTime() + RUN_NANOS);
    stop = true;
    while (appenders.stream().anyMatch(Thread::isAlive)) {
      consumed += consume(staging, lastLsn + 1 + consumed, System.nanoTime());
    }
    consumed += consume(staging, lastLsn + 1 + consumed, System.nanoTime());
    assertThat(staging.isClaimed()).isFalse();
    assertThat(consumed).isEqualTo(appended.get()).isGreaterThan(100);
    assertThat(staging.lastLsn()).isEqualTo(lastLsn + consumed);
    staging.bar();
    assertThat(staging.tryClaim(1, 1, Staging.Kind.ORDINARY)).isEqualTo(Staging.NO_ROOM);
    assertThat(staging.tryClaim(1, 1, Staging.Kind.CONTROL)).isEqualTo(Staging.NO_ROOM);
    assertThat(staging.tryClaim(1, 1, Staging.Kind.REFERENCE)).isEqualTo(Staging.NO_ROOM);
    assertThat(staging.isClaimed()).isFalse();
    assertThat(staging.lastLsn()).isEqualTo(lastLsn + consumed);
  }

  private static void limit(Staging staging, long unit) {
    staging.limit(unit, unit);
  }

  // One to three records per claim; each says its LSN, and is filled with its low byte. Some void.
  private void append(Staging staging, SplittableRandom random, AtomicLong appended) {
    MemorySegment payload = Arena.ofAuto().allocate(700, 8);
    while (!stop) {
      int records = 1 + random.nextInt(3);
      int[] lengths = random.ints(records, 8, 300).toArray();
      int units = 0;
      for (int length : lengths) {
        units += Staging.unitsFor(length);
      }
      Staging.Kind kind = random.nextBoolean() ? Staging.Kind.ORDINARY : Staging.Kind.CONTROL;
      long claim = staging.tryClaim(units, records, kind);
      if (claim == Staging.NO_ROOM) {
        LockSupport.parkNanos(1000);
        continue;
      }
      long lsn = staging.lsn(claim);
      appended.addAndGet(records);
      if (random.nextInt(20) == 0) {
        staging.publishVoid(claim, lsn, units, records);
        continue;
      }
      for (int i = 0, slot = 0; i < records; i++) {
        payload.fill((byte) (lsn + i));
        payload.set(ValueLayout.JAVA_LONG, 0, lsn + i);
        staging.put(claim, slot, records - i, payload.asSlice(0, lengths[i]));
        slot += Staging.unitsFor(lengths[i]);
      }
      staging.publish(claim, lsn);
    }
  }

  // Until the time has come and nothing is ready; answers how many LSNs went past.
  private static long consume(Staging staging, long firstLsn, long untilNanos) {
    MemorySegment target = Arena.ofAuto().allocate(700, 8);
    long lsn = firstLsn;
    while (staging.isReady() || System.nanoTime() - untilNanos < 0) {
      if (!staging.isReady()) {
        LockSupport.parkNanos(1000);
        continue;
      }
      assertThat(staging.nextLsn()).isEqualTo(lsn);
      int left = staging.left();
      int units = staging.unitsOfBatch();
      if (staging.isVoid()) {
        staging.skip(units, left);
        lsn += left;
      } else {
        for (; left > 0; left--, lsn++) {
          assertThat(staging.left()).isEqualTo(left);
          check(staging, target, lsn);
          staging.skip(Staging.unitsFor(staging.length()), 1);
        }
      }
      limit(staging, staging.release() + staging.units());
    }
    return lsn - firstLsn;
  }

  private static void check(Staging staging, MemorySegment target, long lsn) {
    int length = staging.length();
    target.fill((byte) ~lsn);
    staging.copyPayload(target, 0);
    assertThat(target.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(lsn);
    for (int at = 8; at < length; at++) {
      if (target.get(ValueLayout.JAVA_BYTE, at) != (byte) lsn) {
        throw new AssertionError("LSN " + lsn + ": byte " + at + " of " + length);
      }
    }
  }
}
