package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.RowBuffer;
import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.record.Intent;
import dev.tidemark.ingest.record.UnreadableRecordException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The rows of one shard that are in no file yet, and the rule by which they leave.
///
/// A monitor. The applier holds [#lock] while it applies one whole record, so that whoever cuts,
/// cuts between records. A cut takes all rows of a measurement: its range begins behind the
/// previous one and ends at the applied LSN. A measurement has one open flush at a time, so ranges
/// become DONE in order, and one number per measurement tells which rows are in files.
///
/// **Low-water.** [#lowWater()] is the first LSN with a row above a durable DONE. A DONE lies
/// behind the rows it covers, and so does an INTENT; the log loses records from its beginning only.
/// So a mark can only be gone once all rows it speaks of are gone, and no mark has to be kept or
/// written again.
final class Buffers {
  final ReentrantLock lock = new ReentrantLock();

  /// Cut and not taken by a worker yet. At most one per measurement.
  final BlockingQueue<Flush> ready = new LinkedBlockingQueue<>();

  private final int shard;
  private final Catalog catalog;
  private final int flushRows;
  private final long flushBytes;
  private final long budgetBytes;
  private final LongSupplier nanoTime;

  // What follows is guarded by lock. FlushWait reads it, too.
  final Condition progress = lock.newCondition();
  // Those with rows in `filling`, in the order of their first rows.
  final Set<MeasurementRows> dirty = new LinkedHashSet<>();
  // Cut, and no durable DONE yet.
  final Set<Flush> pinned = new LinkedHashSet<>();
  private final Map<Measurement, MeasurementRows> all = new HashMap<>();
  private final Set<MeasurementRows> full = new LinkedHashSet<>();
  private long floorLsn = 1;
  private long fillingBytes;
  private long nextPressureBytes;

  private long bufferedBytes;
  private long bufferedRows;
  private int openFlushes;
  private int failing;

  // Written under lock, read by anyone.
  volatile @Nullable Throwable failure;
  private volatile long appliedLsn;
  private volatile Gauges gauges = new Gauges(0, 0, 0, 0);

  /// What anyone may ask without the lock.
  ///
  /// @param bufferedBytes what rows in no file take
  /// @param bufferedRows how many they are
  /// @param openFlushes flushes under way or waiting
  /// @param failing how many of them have failed at least once
  record Gauges(long bufferedBytes, long bufferedRows, int openFlushes, int failing) {}

  private void changed() {
    gauges = new Gauges(bufferedBytes, bufferedRows, openFlushes, failing);
    progress.signalAll();
  }

  Buffers(int shard, Catalog catalog, int flushRows, long budgetBytes, LongSupplier nanoTime) {
    this.shard = shard;
    this.catalog = catalog;
    this.flushRows = flushRows;
    this.budgetBytes = budgetBytes;
    this.flushBytes = Math.min(64L << 20, budgetBytes / 4);
    this.nextPressureBytes = budgetBytes / 2;
    this.nanoTime = nanoTime;
  }

  // ---- filled by the applier, which holds the lock for a whole record

  /// Says where reading begins; everything below is in files.
  void startAt(long firstLsn) {
    lock.lock();
    try {
      floorLsn = firstLsn;
      appliedLsn = firstLsn - 1;
    } finally {
      lock.unlock();
    }
  }

  MeasurementRows of(Measurement measurement) {
    return all.computeIfAbsent(measurement, MeasurementRows::new);
  }

  /// Finds where a row of the record at `lsn` goes, or null if a file has it.
  @Nullable RowBuffer rowsFor(MeasurementRows rows, long lsn) throws UnreadableRecordException {
    assert lock.isHeldByCurrentThread();
    if (lsn <= rows.doneTo) {
      return null;
    }
    Intent redo = rows.redo;
    if (redo != null && lsn < redo.from()) {
      throw new UnreadableRecordException(redo + " begins behind rows that no flush has taken");
    }
    if (redo != null && lsn > redo.to()) {
      cutRedo(rows);
    }
    RowBuffer filling = rows.filling;
    if (filling == null) {
      filling = new RowBuffer(rows.measurement, lsn);
      rows.filling = filling;
      rows.fillingSinceNanos = nanoTime.getAsLong();
      dirty.add(rows);
    }
    return filling;
  }

  /// Counts a row that was added to what [#rowsFor] gave.
  void added(MeasurementRows rows, RowBuffer filling, long grownBytes) {
    fillingBytes += grownBytes;
    bufferedBytes += grownBytes;
    bufferedRows++;
    if (filling.rows() >= flushRows || filling.bytes() >= flushBytes) {
      full.add(rows);
    }
  }

  /// Says that the record at `lsn` is applied as a whole, and cuts what is full.
  void applied(long lsn) {
    assert lock.isHeldByCurrentThread();
    appliedLsn = lsn;
    if (!full.isEmpty()) {
      full.forEach(this::cutIfPossible);
      full.clear();
    }
    if (fillingBytes > nextPressureBytes) {
      cutLargest();
      nextPressureBytes = Math.max(budgetBytes / 2, fillingBytes + budgetBytes / 16);
    }
    changed();
  }

  // ---- cutting

  private boolean canCut(MeasurementRows rows) {
    return rows.open == null
        && rows.filling != null
        && (rows.redo == null || rows.redo.to() <= appliedLsn);
  }

  boolean cutIfPossible(MeasurementRows rows) {
    boolean can = canCut(rows);
    if (can) {
      cut(rows);
    }
    return can;
  }

  private void cut(MeasurementRows rows) {
    RowBuffer taken = rows.filling;
    if (taken == null) {
      throw new AssertionError("nothing to cut");
    }
    Intent redo = rows.redo;
    Intent intent = redo;
    if (intent == null) {
      Measurement of = rows.measurement;
      long from = Math.max(rows.endLsn + 1, floorLsn);
      intent = new Intent(shard, catalog.lastLsn(), of.database(), of.name(), from, appliedLsn);
    }
    Flush flush = new Flush(rows, intent, taken, redo != null);
    rows.redo = null;
    rows.filling = null;
    rows.open = flush;
    rows.endLsn = intent.to();
    dirty.remove(rows);
    pinned.add(flush);
    fillingBytes -= taken.bytes();
    openFlushes++;
    ready.add(flush);
  }

  private void cutRedo(MeasurementRows rows) throws UnreadableRecordException {
    if (rows.filling == null) {
      throw new UnreadableRecordException(rows.redo + " has no rows in the log");
    }
    cut(rows);
  }

  /// Cuts every flush that was interrupted; all rows are back.
  void cutRedos() throws UnreadableRecordException {
    lock.lock();
    try {
      for (MeasurementRows rows : all.values()) {
        if (rows.redo != null) {
          cutRedo(rows);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Cuts what has waited for `ageNanos`.
  void cutOlderThan(long ageNanos) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      List<MeasurementRows> due = new ArrayList<>();
      for (MeasurementRows rows : dirty) {
        if (now - rows.fillingSinceNanos < ageNanos) {
          break;
        }
        due.add(rows);
      }
      due.forEach(this::cutIfPossible);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the rows in memory are within the budget, cutting what can be cut, or until no
  /// flush is under way that could make room. For the one thread that adds rows.
  ///
  /// @param isOver asked about once a second whether to give up
  void awaitRoom(BooleanSupplier isOver) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (bufferedBytes > budgetBytes && failure == null && !isOver.getAsBoolean()) {
        cutLargest();
        if (openFlushes == 0) {
          return;
        }
        var _ = progress.await(1, TimeUnit.SECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Cuts the largest until a quarter of the budget is left.
  void cutLargest() {
    List<MeasurementRows> largest = new ArrayList<>(dirty);
    largest.sort(Comparator.comparingLong(Buffers::fillingBytes).reversed());
    for (MeasurementRows rows : largest) {
      if (fillingBytes <= budgetBytes / 4) {
        break;
      }
      cutIfPossible(rows);
    }
  }

  private static long fillingBytes(MeasurementRows rows) {
    RowBuffer filling = rows.filling;
    return filling == null ? 0 : filling.bytes();
  }

  // ---- flushes report back

  /// The files are there and a DONE is on its way: the rows leave memory.
  void finished(Flush flush) {
    lock.lock();
    try {
      MeasurementRows rows = flush.owner;
      assert rows.open == flush : flush;
      rows.open = null;
      bufferedBytes -= flush.rows.bytes();
      bufferedRows -= flush.rows.rows();
      openFlushes--;
      failing -= flush.failures > 0 ? 1 : 0;
      RowBuffer filling = rows.filling;
      if (filling != null && (filling.rows() >= flushRows || filling.bytes() >= flushBytes)) {
        cutIfPossible(rows);
      }
      changed();
    } finally {
      lock.unlock();
    }
  }

  /// The DONE is durable: the log need not keep the rows.
  void durable(Flush flush) {
    lock.lock();
    try {
      pinned.remove(flush);
      changed();
    } finally {
      lock.unlock();
    }
  }

  /// An attempt failed; the flush waits for [#retry].
  ///
  /// @return how many attempts have failed
  int failed(Flush flush, Throwable cause) {
    lock.lock();
    try {
      failing += flush.failures == 0 ? 1 : 0;
      flush.failures++;
      flush.lastFailure = cause;
      flush.isWaiting = true;
      changed();
      return flush.failures;
    } finally {
      lock.unlock();
    }
  }

  /// Hands a flush that waits to the workers again.
  void retry(Flush flush) {
    lock.lock();
    try {
      if (flush.isWaiting) {
        flush.isWaiting = false;
        ready.add(flush);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Wakes everybody who waits here, for good.
  void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      changed();
    } finally {
      lock.unlock();
    }
  }

  // ---- what others ask

  /// {@return the smallest LSN the log must keep}
  long lowWater() {
    lock.lock();
    try {
      long lsn = appliedLsn + 1;
      for (MeasurementRows rows : dirty) {
        RowBuffer filling = rows.filling;
        if (filling != null) {
          lsn = Math.min(lsn, filling.firstLsn());
        }
        break; // the others came later
      }
      for (Flush flush : pinned) {
        lsn = Math.min(lsn, flush.rows.firstLsn());
      }
      return lsn;
    } finally {
      lock.unlock();
    }
  }

  long appliedLsn() {
    return appliedLsn;
  }

  /// {@return whether no row is added until there is room}
  boolean isFull() {
    assert lock.isHeldByCurrentThread();
    return bufferedBytes > budgetBytes;
  }

  Gauges gauges() {
    return gauges;
  }
}
