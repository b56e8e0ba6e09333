package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Child;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All lives of one log, and what its recoveries may show: acknowledged ⊆ recovered ⊆ attempted, in
/// order, byte for byte, each once, batches whole. For one thread.
final class Ledger {
  /// What an acknowledgement does not promise.
  enum Loss {
    /// All that was acknowledged is there.
    NOTHING,
    /// What did not wait for the disk may be gone, and is the end of the log then.
    NOT_WAITED_FOR,
    /// What was acknowledged within one span of `maxDelay` may be gone, and is the end of the log
    /// then.
    ONE_SPAN
  }

  private final Tally tally;
  private final List<Heard> lives = new ArrayList<>(); // since the last picture
  private final Map<Long, Map<Integer, Integer>> opsByLife = new HashMap<>(); // of all lives
  private Picture before = Picture.NONE;

  Ledger(Tally tally) {
    this.tally = tally;
  }

  /// Listens to another life of the log, until it ends.
  Heard listen(Child child, long life) {
    Heard heard = Heard.of(child, life);
    lives.add(heard);
    return heard;
  }

  /// Checks a log that was opened after all its lives ended.
  ///
  /// @return what it shows
  Picture check(Wal wal, Loss loss) throws IOException {
    Picture now = Picture.of(wal);
    assertThat(wal.recovery().verdict())
        .isIn(Verdict.CREATED, Verdict.SEALED, Verdict.CLEAN_END, Verdict.UNVOUCHED_TAIL);
    assertThat(wal.recovery().raisedAcks()).isEmpty();
    tally.recovered(wal.recovery());
    checkFirst(now);
    checkOnceAndWhole(now);
    checkAttempted(now);
    checkKept(now);
    for (Heard life : lives) {
      checkPromises(life, now);
      checkAcknowledged(life, now, life.closed ? Loss.NOTHING : loss);
      tally.checked(life);
    }
    if (!lives.isEmpty() && lives.getLast().closed) {
      assertThat(wal.recovery().cutBytes()).as("cut from a log that was closed").isZero();
    }
    lives.clear();
    before = now;
    return now;
  }

  // Truncated is at least what was said to be, and no record that nobody asked to be removed.
  private void checkFirst(Picture now) {
    long least = before.firstLsn();
    // A checkpoint that is not there excuses nothing.
    long removable = Math.max(before.firstLsn(), now.checkpointLsn() + 1);
    for (Heard life : lives) {
      least = Math.max(least, life.firstLsn);
      removable = Math.max(removable, Math.max(life.droppingLsn, life.droppedLsn));
    }
    assertThat(now.firstLsn()).as("first LSN").isGreaterThanOrEqualTo(least);
    if (now.firstLsn() > removable) { // LSNs that nobody has
      assertThat(before.records().subMap(removable, now.firstLsn())).as("removed").isEmpty();
      for (Heard life : lives) {
        for (Heard.Ack ack : life.acks) {
          assertThat(ack.lastLsn() < removable || ack.lastLsn() > now.lastLsn())
              .as("%s is gone: the log begins at %s", ack, now.firstLsn())
              .isTrue();
        }
      }
    }
  }

  private static void checkOnceAndWhole(Picture now) {
    Set<Work.Id> seen = new HashSet<>();
    Work.Id previous = null;
    for (Work.Id id : now.records().values()) {
      assertThat(seen.add(id)).as("only once: %s", id).isTrue();
      if (previous == null && now.firstLsn() > 1) {
        previous = id; // the mark may be within a batch
        continue;
      }
      if (id.index() > 0) {
        Work.Id expected = new Work.Id(id.life(), id.writer(), id.op(), id.index() - 1);
        assertThat(previous).as("before %s of a batch", id).isEqualTo(expected);
      } else if (previous != null) {
        assertThat(previous.index()).as("whole: %s", previous).isEqualTo(previous.count() - 1);
      }
      previous = id;
    }
    if (previous != null) {
      assertThat(previous.index()).as("whole: %s", previous).isEqualTo(previous.count() - 1);
    }
  }

  // Each thread does its operations in order, leaves none out, and has few under way.
  private void checkAttempted(Picture now) {
    for (Heard life : lives) {
      opsByLife.put(life.life, life.lastOps);
    }
    Map<Long, Map<Integer, Integer>> next = new HashMap<>();
    for (Work.Id id : now.records().values()) {
      Map<Integer, Integer> ops = opsByLife.get(id.life());
      if (ops == null) {
        throw new AssertionError("of a life that never was: " + id);
      }
      int underWay = id.writer() == WorkingProgram.NOT_WAITING ? WorkingProgram.MOST_UNDER_WAY : 1;
      int most = ops.getOrDefault(id.writer(), -1) + underWay;
      assertThat(id.op()).as("attempted: %s", id).isLessThanOrEqualTo(most);
      Map<Integer, Integer> seen = next.computeIfAbsent(id.life(), _ -> new HashMap<>());
      Integer expected = seen.get(id.writer());
      if (expected != null && id.index() == 0) {
        assertThat(id.op()).as("next of its writer").isEqualTo(expected);
      }
      seen.put(id.writer(), id.op() + 1);
    }
  }

  // What an earlier recovery has shown is durable.
  private void checkKept(Picture now) {
    for (Map.Entry<Long, Work.Id> record :
        before.records().tailMap(now.firstLsn(), true).entrySet()) {
      assertThat(now.records().get(record.getKey()))
          .as("LSN %s was recovered before", record.getKey())
          .isEqualTo(record.getValue());
    }
    assertThat(now.lastLsn()).isGreaterThanOrEqualTo(before.lastLsn());
    before.acks().forEach((name, lsn) -> checkAck(now, name, lsn));
    assertThat(now.checkpointLsn()).isGreaterThanOrEqualTo(before.checkpointLsn());
  }

  private static void checkAck(Picture now, String name, long leastLsn) {
    assertThat(now.acks()).as("subscriptions").containsKey(name);
    assertThat(now.acks().get(name)).as(name).isGreaterThanOrEqualTo(leastLsn);
  }

  private void checkPromises(Heard life, Picture now) {
    assertThat(now.reachedLsn()).as("durable").isGreaterThanOrEqualTo(life.durableLsn);
    life.acked.forEach((name, lsn) -> checkAck(now, name, lsn));
    now.acks().forEach((name, lsn) -> checkAttempted(now, name, lsn));
    assertThat(now.checkpointLsn()).as("checkpoint").isGreaterThanOrEqualTo(life.checkedLsn);
    long most = Math.max(before.checkpointLsn(), mostChecking());
    assertThat(now.checkpointLsn()).as("checkpoint").isLessThanOrEqualTo(most);
  }

  // A subscription begins behind the first LSN there was.
  private void checkAttempted(Picture now, String name, long lsn) {
    long most = Math.max(now.firstLsn() - 1, before.acks().getOrDefault(name, 0L));
    for (Heard life : lives) {
      most = Math.max(most, life.acking.getOrDefault(name, 0L));
    }
    assertThat(lsn).as("attempted by %s", name).isLessThanOrEqualTo(most);
  }

  private long mostChecking() {
    return lives.stream().mapToLong(life -> life.checkingLsn).max().orElse(0);
  }

  private void checkAcknowledged(Heard life, Picture now, Loss loss) {
    List<Heard.Ack> lost = new ArrayList<>();
    for (Heard.Ack ack : life.acks) {
      boolean mayBeLost =
          loss == Loss.ONE_SPAN
              || (loss == Loss.NOT_WAITED_FOR && ack.writer() == WorkingProgram.NOT_WAITING);
      if (ack.lastLsn() > Math.max(now.lastLsn(), life.durableLsn) && mayBeLost) {
        lost.add(ack); // nothing behind it is there: it is a suffix
      } else {
        checkThere(life, now, ack);
      }
    }
    if (loss == Loss.ONE_SPAN && !lost.isEmpty()) {
      checkSpan(lost);
    }
    tally.lost(lost.size());
  }

  private static void checkThere(Heard life, Picture now, Heard.Ack ack) {
    int count = Work.count(life.life, ack.writer(), ack.op());
    for (int i = 0; i < count; i++) {
      long lsn = ack.lastLsn() - count + 1 + i;
      if (lsn >= now.firstLsn()) {
        assertThat(now.records().get(lsn))
            .as("LSN %s was acknowledged; the log ends at %s", lsn, now.lastLsn())
            .isEqualTo(new Work.Id(life.life, ack.writer(), ack.op(), i));
      }
    }
  }

  // Any two of them were acknowledged within maxDelay. When that was is known only to lie between
  // two moments; what is taken is the shortest time that can have been between them, so that a
  // machine that is slow in telling the time never makes this fail, and is never what makes it pass
  // by more than those moments are apart.
  private void checkSpan(List<Heard.Ack> lost) {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    long slack = 0;
    for (Heard.Ack ack : lost) {
      first = Math.min(first, ack.afterNanos());
      last = Math.max(last, ack.beforeNanos());
      slack = Math.max(slack, ack.afterNanos() - ack.beforeNanos());
    }
    tally.span(Math.max(0, last - first), slack);
    assertThat(last - first)
        .as("nanoseconds between two acknowledged records that are lost")
        .isLessThanOrEqualTo(WorkingProgram.MAX_DELAY.toNanos());
  }
}
