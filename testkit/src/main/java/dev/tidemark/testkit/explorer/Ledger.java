package dev.tidemark.testkit.explorer;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The books of one run: what was sent to a log and what the log promised about it. Kept by the
/// thread that uses the log; read by any thread of the same simulated host.
final class Ledger {
  private final boolean acknowledgedIsDurable;
  private final long boundNanos;
  private final LongSupplier clock;
  private final NavigableMap<Long, Long> acknowledgedAt = new TreeMap<>(); // by LSN
  private NavigableMap<Long, byte[]> records = new TreeMap<>(); // replaced, never changed
  private NavigableSet<Long> ends = new TreeSet<>(); // replaced, never changed
  private long acknowledged;
  private long durable;
  private long truncated = 1;
  private long truncating = 1;
  private long checkpoint;
  private long checkpointing;
  private Stands stands = Stands.none();
  private @Nullable Wal open;
  private boolean grown; // whether the newest segment has a record
  private boolean sealed;
  private int made;

  /// @param sync the policy of the log
  /// @param clock of its host, in nanoseconds
  Ledger(SyncPolicy sync, LongSupplier clock) {
    acknowledgedIsDurable = !(sync instanceof SyncPolicy.Async);
    boundNanos = sync instanceof SyncPolicy.Async(var delay) ? delay.toNanos() : 0;
    this.clock = clock;
  }

  /// {@return what is owed now}
  Known known() {
    Wal wal = open;
    if (wal != null) {
      durable = Math.max(durable, wal.durableLsn()); // it says so itself
      if (!wal.metrics().failed()) { // which tells that what was not durable then may be lost
        keepBound(clock.getAsLong());
      }
    }
    return new Known(
        Collections.unmodifiableNavigableMap(records),
        ends,
        acknowledged,
        durable,
        truncated,
        truncating,
        checkpoint,
        checkpointing,
        stands,
        sealed);
  }

  /// Says that a log is being opened: it may be written to from now on.
  void opening() {
    sealed = false;
  }

  /// Says that the log was closed in peace.
  void closed() {
    durable(acknowledged); // under every policy
    sealed = grown;
  }

  /// Says that the newest segment is a new one.
  void rotated() {
    grown = false;
  }

  /// Says that a log is open, or none.
  void opened(@Nullable Wal wal) {
    open = wal;
    grown = false;
    if (wal != null) {
      found(wal.recovery().lastLsn());
    }
  }

  /// Says what a recovery found: what lies above never was, and what is there is durable.
  private void found(long last) {
    if (last < acknowledged) {
      throw new AssertionError("acknowledged up to " + acknowledged + ", reopened with " + last);
    }
    records = new TreeMap<>(records.headMap(last, true));
    ends = new TreeSet<>(ends.headSet(last, true));
    durable = Math.max(durable, last);
    acknowledged = Math.max(acknowledged, last);
  }

  // ---- appends

  /// {@return a record that none before it equals, if it has three bytes or more}
  byte[] make(int bytes) {
    byte[] record = new byte[bytes];
    made++;
    for (int i = 0; i < bytes; i++) {
      record[i] = (byte) (i < 3 ? made >>> (8 * i) : made * 31 + i);
    }
    return record;
  }

  /// Says that records are appended, the first as an LSN.
  void appending(long lsn, byte[]... some) {
    NavigableMap<Long, byte[]> more = new TreeMap<>(records);
    for (int i = 0; i < some.length; i++) {
      more.put(lsn + i, some[i]);
    }
    records = more;
    ends = new TreeSet<>(ends);
    ends.add(lsn + some.length - 1);
  }

  /// Says that an append returned.
  void appended(long lsn) {
    if (records.isEmpty() || lsn != records.lastKey()) {
      throw new AssertionError("an append returned " + lsn + " for " + records.lastKey());
    }
    acknowledged = lsn;
    grown = true;
    if (acknowledgedIsDurable) {
      durable = lsn;
    } else {
      acknowledgedAt.put(lsn, clock.getAsLong());
      keepBound(clock.getAsLong());
    }
  }

  // A power cut loses at most what was acknowledged within one span of the bound before it.
  private void keepBound(long now) {
    for (Map.Entry<Long, Long> one : acknowledgedAt.entrySet()) {
      if (now - one.getValue() > boundNanos) {
        durable = Math.max(durable, one.getKey());
      }
    }
    acknowledgedAt.headMap(durable, true).clear();
  }

  /// Says that the last records were refused: they have no LSN.
  void refused(int count) {
    NavigableMap<Long, byte[]> fewer = new TreeMap<>(records);
    ends = new TreeSet<>(ends);
    ends.remove(fewer.lastKey());
    for (int i = 0; i < count; i++) {
      fewer.pollLastEntry();
    }
    records = fewer;
  }

  /// Says that an append that nobody waited for is acknowledged: under `async` it need not even be
  /// written.
  void acknowledged(long lsn) {
    if (acknowledgedIsDurable) {
      acknowledged = Math.max(acknowledged, lsn);
      durable = Math.max(durable, lsn);
    }
  }

  void durable(long lsn) {
    durable = Math.max(durable, lsn);
  }

  // ---- what lets records go

  void truncating(long lsn) {
    truncating = Math.max(truncating, lsn);
  }

  void truncated(long lsn) {
    truncated = Math.max(truncated, lsn);
  }

  void checkpointing(long lsn) {
    checkpointing = lsn; // which excuses nothing before it is there
  }

  void checkpointed(long lsn) {
    checkpoint = lsn;
  }

  void stands(Stands next) {
    stands = next;
  }

  Stands stands() {
    return stands;
  }
}
