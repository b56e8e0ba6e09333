package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A log on a [Storage]: wires staging, committer, spares and waiters, and owns their life.
public final class LocalWal implements Wal {
  private static final long CLOSE_NANOS = Duration.ofSeconds(15).toNanos();

  private final Storage storage;
  private final WalOptions options;
  private final RecoveryReport recovery;
  private final Codecs codecs;
  private final Failure failure;
  private final Staging staging;
  private final Space space;
  private final Spares spares;
  private final ManifestFile manifest;
  private final GroupWriter group;
  private final Committer committer;
  private final Waiters durables;
  private final Waiters acks;
  private final Completions completions;
  private final int stagedBatchUnits;
  private final long recoveredLsn;
  private final ReentrantLock largeBatches = new ReentrantLock(true); // one by reference at a time
  private final Set<LogCursor> cursors = ConcurrentHashMap.newKeySet();
  private final Object stateLock = new Object();
  private final Object closeLock = new Object();

  private volatile LogState state; // swapped under stateLock
  private long wantedLowWaterLsn; // guarded by stateLock
  private volatile boolean closing; // set under closeLock
  private boolean released; // guarded by closeLock

  private LocalWal(Storage storage, Host host, WalOptions options, Recovery.Recovered log) {
    this.storage = storage;
    this.options = options;
    recovery = log.report();
    recoveredLsn = log.lastLsn();
    manifest = log.manifest();
    codecs = new Codecs(options.compression());
    failure = new Failure(storage.description());
    staging = new Staging(options.stagingBytes(), log.lastLsn());
    long area = SegmentWriter.areaBytes(options.segmentBytes());
    stagedBatchUnits = (int) (Math.min(options.stagingBytes(), area) / 4 / FrameLayout.ALIGNMENT);
    int largest = Math.max(Staging.unitsFor(options.maxRecordBytes()), stagedBatchUnits);
    space = new Space(host, failure, staging, area, (long) largest * FrameLayout.ALIGNMENT);
    spares =
        new Spares(host, storage, space, options.segmentBytes(), log.spares(), log.nextNumber());
    int cells = options.stagingBytes() >= 1 << 20 ? 4096 : 256;
    durables = new Waiters(host, failure, cells, log.lastLsn());
    boolean async = options.sync() instanceof SyncPolicy.Async;
    acks = async ? new Waiters(host, failure, cells, log.lastLsn()) : durables;
    completions = new Completions(host, failure, acks::reached);
    boolean metadata = options.sync() instanceof SyncPolicy.Fsync;
    FrameWriter frames = new FrameWriter(options.stagingBytes(), options.compression());
    SegmentHeader active = log.segments().getLast();
    SegmentWriter writer =
        new SegmentWriter(frames, metadata, active, log.file(), log.offset(), log.chain());
    state = new LogState(log.segments(), lowWater(log));
    wantedLowWaterLsn = state.lowWaterLsn();
    group =
        new GroupWriter(
            host,
            storage,
            staging,
            space,
            spares,
            manifest,
            writer,
            log.lastLsn(),
            this::activated);
    Duration age = options.rotationAge();
    committer =
        new Committer(
            new Committer.Parts(
                host, failure, staging, group, durables, acks, this::failed, completions::wake),
            options.sync(),
            age == null ? Long.MAX_VALUE : age.toNanos(),
            options.claimTimeout().toNanos(),
            storage.uninterruptible());
    space.consumed(0, writer.restBytes());
  }

  private static long lowWater(Recovery.Recovered log) {
    return Math.max(log.manifest().current().lowWaterLsn(), log.segments().getFirst().firstLsn());
  }

  /// Opens or creates a log; the contract is [Wal#open(Storage, Host, WalOptions)].
  ///
  /// @param storage where the files are; closed with the log, or if opening fails
  /// @param host clock, random numbers, threads
  /// @param options how the log works
  /// @return the open log
  /// @throws IOException as the contract says
  public static Wal open(Storage storage, Host host, WalOptions options) throws IOException {
    try {
      storage.lock();
      Recovery.Recovered log = Recovery.run(storage, host, options);
      LocalWal wal = new LocalWal(storage, host, options, log);
      wal.spares.start();
      wal.committer.start();
      return wal;
    } catch (Throwable e) {
      try {
        storage.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private void activated(SegmentHeader next) {
    synchronized (stateLock) {
      state = state.withActivated(next);
    }
  }

  private void failed() {
    space.wakeAll();
    completions.wake();
  }

  // ---- appending

  @Override
  public long append(MemorySegment payload) throws IOException {
    int length = checkedLength(payload);
    int units = Staging.unitsFor(length);
    long claim = space.claim(units, 1);
    long lsn = staging.lsn(claim);
    copy(claim, lsn, units, payload);
    staging.publish(claim, lsn);
    committer.await(lsn);
    return lsn;
  }

  private int checkedLength(MemorySegment payload) {
    if (payload.byteSize() > options.maxRecordBytes()) {
      throw new IllegalArgumentException(
          "a record of "
              + payload.byteSize()
              + " bytes is larger than maxRecordBytes "
              + options.maxRecordBytes());
    }
    return (int) payload.byteSize();
  }

  private void copy(long claim, long lsn, int units, MemorySegment payload) {
    committer.noteStaged();
    try {
      staging.put(claim, 0, 1, payload);
    } catch (Throwable e) {
      staging.publishVoid(claim, lsn, units, 1);
      committer.nudge();
      throw e;
    }
  }

  @Override
  public CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
    int length = checkedLength(payload);
    int units = Staging.unitsFor(length);
    long claim = space.claim(units, 1);
    long lsn = staging.lsn(claim);
    boolean atOnce = committer.acknowledgesStaged();
    CompletableFuture<Long> future =
        atOnce ? CompletableFuture.completedFuture(lsn) : completions.register(lsn);
    try {
      copy(claim, lsn, units, payload);
    } catch (Throwable e) {
      completions.cancel(lsn);
      throw e;
    }
    staging.publish(claim, lsn);
    committer.nudge();
    return future;
  }

  @Override
  public long append(Batch batch) throws IOException {
    int units = checkedUnits(batch);
    if (units > stagedBatchUnits) {
      return appendByReference(batch);
    }
    long claim = space.claim(units, batch.count());
    long lsn = staging.lsn(claim);
    committer.noteStaged();
    try {
      for (int i = 0, slot = 0; i < batch.count(); i++) {
        staging.put(claim, slot, batch, i);
        slot += Staging.unitsFor(batch.recordBytes(i));
      }
    } catch (Throwable e) {
      staging.publishVoid(claim, lsn, units, batch.count());
      committer.nudge();
      throw e;
    }
    staging.publish(claim, lsn);
    long last = lsn + batch.count() - 1;
    committer.await(last);
    return last;
  }

  // The units of all its slots; more than any ring has if they do not fit an int.
  private int checkedUnits(Batch batch) {
    if (batch.count() == 0) {
      throw new IllegalArgumentException("the batch is empty");
    }
    if (batch.payloadBytes() > options.maxBatchBytes()) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch.payloadBytes()
              + " bytes is larger than maxBatchBytes "
              + options.maxBatchBytes());
    }
    long units = 0;
    for (int i = 0; i < batch.count(); i++) {
      int length = batch.recordBytes(i);
      if (length > options.maxRecordBytes()) {
        throw new IllegalArgumentException(
            "record "
                + i
                + " of the batch has "
                + length
                + " bytes, more than maxRecordBytes "
                + options.maxRecordBytes());
      }
      units += Staging.unitsFor(length);
    }
    return (int) Math.min(units, Integer.MAX_VALUE);
  }

  // Too large for staging: the I/O thread takes it straight from the batch, behind one slot that
  // stands for it. Its
  // segment is prepared before anything is claimed.
  private long appendByReference(Batch batch) throws IOException {
    long needed = GroupWriter.framedBytes(batch) + SegmentHeader.BYTES;
    long overhead = options.segmentBytes() - SegmentWriter.areaBytes(options.segmentBytes());
    long fileBytes = Math.max(options.segmentBytes(), FrameLayout.align(needed + overhead));
    largeBatches.lock();
    try {
      checkUsable();
      Spares.Spare spare = spares.prepareOwn(fileBytes);
      space.reference(true);
      long claim;
      try {
        claim = space.claim(1, batch.count());
      } catch (Throwable e) {
        space.reference(false);
        spares.giveBack(spare);
        throw e;
      }
      long lsn = staging.lsn(claim);
      committer.noteStaged();
      group.offer(new GroupWriter.Reference(batch, spare));
      staging.putReference(claim, batch.count());
      staging.publish(claim, lsn);
      long last = lsn + batch.count() - 1;
      committer.nudge();
      acks.await(last);
      return last;
    } finally {
      largeBatches.unlock();
    }
  }

  @Override
  public void awaitDurable(long lsn) throws IOException {
    if (lsn > lastLsn()) {
      throw new IllegalArgumentException(
          "LSN " + lsn + " was never handed out; the last is " + lastLsn());
    }
    committer.awaitDurable(lsn);
  }

  @Override
  public long sync() throws IOException {
    checkUsable();
    committer.awaitDurable(staging.lastLsn());
    return durableLsn();
  }

  // ---- reading

  @Override
  public Cursor read(long fromLsn) throws IOException {
    checkNotClosed();
    if (fromLsn < 1 || fromLsn > lastLsn() + 1) {
      throw new IllegalArgumentException(
          "fromLsn must be 1 to " + (lastLsn() + 1) + ": " + fromLsn);
    }
    synchronized (stateLock) {
      if (fromLsn < firstLsn()) {
        throw new LsnGoneException(fromLsn, firstLsn());
      }
      LogState now = state;
      LogCursor cursor = new LogCursor(this, now.segments().get(now.indexOf(fromLsn)), fromLsn);
      cursors.add(cursor);
      return cursor;
    }
  }

  void cursorClosed(LogCursor cursor) {
    cursors.remove(cursor);
    if (!closing && !failure.isSet()) {
      try {
        spares.later(this::removeUnneeded);
      } catch (IllegalStateException _) {
        // The log is being closed; the next one removes what is not needed.
      }
    }
  }

  @Override
  public boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException {
    return durables.await(lsn + 1, timeout.toNanos());
  }

  LogState state() {
    return state;
  }

  Storage storage() {
    return storage;
  }

  Codecs codecs() {
    return codecs;
  }

  // ---- segments

  @Override
  public void rotate() throws IOException {
    checkUsable();
    committer.rotate();
  }

  @Override
  public List<Segment> segments() {
    return state.asSegments(lastLsn());
  }

  @Override
  public void truncateBefore(long lsn) throws IOException {
    checkUsable();
    if (lsn > durableLsn() + 1) {
      throw new IllegalArgumentException(
          "records up to " + durableLsn() + " are durable; cannot truncate before " + lsn);
    }
    synchronized (stateLock) {
      wantedLowWaterLsn = Math.max(wantedLowWaterLsn, lsn);
    }
    spares.call(
        () -> {
          removeUnneeded();
          return lsn;
        });
  }

  // On the thread of the spares. The manifest first: what is removed must not be missed after a
  // crash.
  private void removeUnneeded() throws IOException {
    failure.check();
    LogState before;
    LogState after;
    synchronized (stateLock) {
      long lsn = wantedLowWaterLsn;
      for (LogCursor cursor : cursors) {
        lsn = Math.min(lsn, cursor.position());
      }
      before = state;
      int count = before.segmentsBelow(lsn);
      if (lsn <= before.lowWaterLsn() && count == 0) {
        return;
      }
      long lowWater = Math.max(lsn, before.lowWaterLsn());
      after = before.withLowWater(lowWater, count);
      try {
        long first = after.segments().getFirst().number();
        manifest.change(current -> current.withLowWater(lowWater, first));
      } catch (IOException e) {
        committer.fail(e);
        throw e;
      }
      state = after;
    }
    int removed = before.segments().size() - after.segments().size();
    for (SegmentHeader segment : before.segments().subList(0, removed)) {
      storage.delete(SegmentHeader.fileName(segment.number()));
    }
  }

  @Override
  public long firstLsn() {
    LogState now = state;
    long first = Math.max(now.lowWaterLsn(), now.segments().getFirst().firstLsn());
    return Math.min(first, lastLsn() + 1);
  }

  @Override
  public long lastLsn() {
    return staging.lastLsn();
  }

  @Override
  public long durableLsn() {
    return durables.reached();
  }

  // ---- seeing inside

  @Override
  public RecoveryReport recovery() {
    return recovery;
  }

  @Override
  public WalMetrics metrics() {
    SegmentWriter writer = group.writer();
    return new WalMetrics(
        durableLsn() - recoveredLsn,
        group.payloadBytes(),
        writer.writtenBytes,
        group.groups(),
        writer.syncs,
        writer.syncNanos,
        group.rotations(),
        space.waits(),
        spares.count(),
        state.segments().size(),
        storage.uninterruptible());
  }

  void checkNotClosed() {
    if (closing) {
      throw new IllegalStateException("the log is closed");
    }
  }

  private void checkUsable() throws WalFailedException {
    failure.check();
    checkNotClosed();
  }

  // ---- closing

  @Override
  public void close() throws IOException {
    synchronized (closeLock) {
      if (released) {
        return;
      }
      closing = true;
      space.close();
      boolean ended = committer.close(CLOSE_NANOS);
      durables.close();
      ended &= completions.close(CLOSE_NANOS / 8);
      ended &= spares.close(CLOSE_NANOS / 2);
      cursors.clear();
      if (!ended) {
        throw new IOException(
            "the disk under "
                + storage.description()
                + " does not answer; the log stays locked, close it again later");
      }
      released = true;
      release();
      Throwable cause = failure.cause();
      if (cause != null) {
        throw failure.exception();
      }
    }
  }

  private void release() throws IOException {
    @Nullable IOException first = null;
    for (java.io.Closeable part : List.of(group.writer()::close, manifest, storage)) {
      try {
        part.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null && !failure.isSet()) {
      throw first;
    }
  }
}
