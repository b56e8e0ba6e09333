package dev.tidemark.leveldb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// A writer of [CrowdTest] and what it knows of its keys, which nobody else writes.
///
/// Its steps have numbers, which are the values that it writes. An even one gives three keys a
/// value, in a batch; an odd one gives the fourth a value, or deletes it. So whoever looks at all
/// keys as of one moment sees which step was the last. Safe for use by any number of threads, but
/// one at a time steps.
final class CrowdOwner {
  private static final int TOGETHER = 3;
  private static final int ALONE = TOGETHER;

  final int number;

  // Written by the owner alone.
  private volatile long begun;
  private volatile long acknowledged;

  /// The last step that a power cut must leave. Written by any owner that synced.
  private final AtomicLongArray durable;

  /// The last step that anybody saw, of each key.
  private final AtomicLongArray seen = new AtomicLongArray(TOGETHER + 1);

  /// @param durable of all owners
  CrowdOwner(int number, AtomicLongArray durable) {
    this.number = number;
    this.durable = durable;
  }

  /// What was known at a moment, to be held against what is read after it.
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  record Moment(long acknowledged, long[] seen) {}

  Moment now() {
    long[] copy = new long[TOGETHER + 1];
    Arrays.setAll(copy, seen::get);
    return new Moment(acknowledged, copy);
  }

  long acknowledged() {
    return acknowledged;
  }

  long durable() {
    return durable.get(number);
  }

  private byte[] key(int index) {
    return new byte[] {(byte) number, (byte) index};
  }

  private static byte[] value(long step) {
    byte[] value = new byte[Long.BYTES + (int) (step * 31 % 90)];
    Arrays.fill(value, (byte) step);
    return ByteBuffer.wrap(value).putLong(0, step).array();
  }

  private static boolean isDeletion(long step) {
    return step % 6 == 5;
  }

  /// Makes the next step.
  ///
  /// @param all the owners, in order
  void step(LevelDb db, boolean sync, List<CrowdOwner> all) throws IOException {
    long step = acknowledged + 1;
    long[] before = all.stream().mapToLong(CrowdOwner::acknowledged).toArray();
    WriteOptions options = new WriteOptions(sync);
    begun = step;
    if (step % 2 == 0) {
      WriteBatch batch = new WriteBatch();
      for (int i = 0; i < TOGETHER; i++) {
        batch.put(key(i), value(step));
      }
      db.write(batch, options);
    } else if (isDeletion(step)) {
      db.delete(key(ALONE), options);
    } else {
      db.put(key(ALONE), value(step), options);
    }
    acknowledged = step;
    if (sync) {
      for (int i = 0; i < before.length; i++) {
        durable.accumulateAndGet(i, i == number ? step : before[i], Math::max);
      }
    }
  }

  // ---- what is read

  private static @Nullable Long step(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    long step = ByteBuffer.wrap(value).getLong();
    check(Arrays.equals(value, value(step)), "a value in pieces");
    return step;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /// Reads one key: it holds the last value that was acknowledged before, or one begun meanwhile,
  /// and none older than what anybody saw before.
  void readOne(LevelDb db, int index) throws IOException {
    Moment before = now();
    Long found = step(db.get(key(index)));
    long latest = begun;
    String what = "key " + number + "." + index + " is " + found + ", of " + before + " to ";
    if (found == null) {
      check(mayBeNothing(index, before.acknowledged, latest), what + latest);
      return;
    }
    long floor = Math.max(lastOf(index, before.acknowledged), before.seen[index]);
    check(found >= floor && found <= latest, what + latest + " " + before.seen[index]);
    seen.accumulateAndGet(index, found, Math::max);
  }

  /// {@return the last step at or before one that wrote a key}
  private static long lastOf(int index, long step) {
    return (step % 2 == 0) == (index < TOGETHER) ? step : step - 1;
  }

  private static boolean mayBeNothing(int index, long from, long to) {
    long first = lastOf(index, from);
    for (long step = first; step <= to; step += 2) {
      if (step <= 0 || (index == ALONE && isDeletion(step))) {
        return true;
      }
    }
    return false;
  }

  /// Reads all keys as of one moment.
  ///
  /// @return which step was the last
  long lastStep(Source source) throws IOException {
    Long together = step(source.get(key(0)));
    for (int i = 1; i < TOGETHER; i++) {
      Long other = step(source.get(key(i)));
      check(Objects.equals(together, other), "half a batch: " + together + " " + other);
    }
    return lastStep(together, step(source.get(key(ALONE))));
  }

  private long lastStep(@Nullable Long together, @Nullable Long alone) {
    long batch = together == null ? 0 : together;
    String what = "steps " + together + " and " + alone + " of " + number + " at one moment";
    if (alone != null) {
      check(Math.abs(batch - alone) == 1, what);
      return Math.max(batch, alone);
    }
    check(batch == 0 || isDeletion(batch + 1) || isDeletion(batch - 1), what);
    return isDeletion(batch + 1) ? batch + 1 : batch;
  }

  /// Where the keys are read from.
  interface Source {
    byte @Nullable [] get(byte[] key) throws IOException;
  }

  /// Fails unless a moment's last step is one that could be the last then.
  ///
  /// @param from was acknowledged before the moment
  void checkMoment(long found, long from) {
    check(
        found >= from && found <= begun,
        "step " + found + " of " + number + " after " + from + ", " + begun + " has begun");
  }

  /// Goes on from what was found after a crash or a close.
  ///
  /// @param atLeast must be there
  void recovered(LevelDb db, long atLeast) throws IOException {
    long found = lastStep(db::get);
    checkMoment(found, atLeast);
    begun = found;
    acknowledged = found;
    durable.set(number, found);
    for (int i = 0; i <= ALONE; i++) {
      seen.set(i, 0);
    }
  }
}
