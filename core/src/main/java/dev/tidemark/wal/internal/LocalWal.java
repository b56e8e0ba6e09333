package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.jfr.RecoverEvent;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A log on a [Storage]: wires staging, committer, spares and waiters, and owns their life.
public final class LocalWal implements Wal {
  private static final long CLOSE_NANOS = Duration.ofSeconds(15).toNanos();

  private final Storage storage;
  private final Host host;
  private final WalOptions options;
  private final RecoveryReport recovery;
  private final Codecs codecs;
  private final Failure failure;
  private final Staging staging;
  private final Space space;
  private final FileThread files;
  private final Spares spares;
  private final Retired retired;
  private final ManifestFile manifest;
  private final LowWater lowWater;
  private final Subscriptions subscriptions;
  private final Checkpoints checkpoints;
  private final Retention retention;
  private final WalOptions.PruneBy pruneBy;
  private final GroupWriter group;
  private final IoThread io;
  private final Committer committer;
  private final Appender appender;
  private final Waiters durables;
  private final Waiters acks;
  private final Completions completions;
  private final Meters meters;
  private final Watch watch;
  private final long recoveredLsn;
  private final long closeNanos;
  private final ReentrantLock closeLock = new ReentrantLock();

  private volatile boolean closing; // set under closeLock
  private volatile boolean reopening; // set under closeLock; its files may be another log's
  private volatile boolean storageIsOurs; // set before anybody else sees this; then under closeLock
  private boolean released; // guarded by closeLock
  private @Nullable IOException stopFault; // guarded by closeLock; of a file that was closed

  private LocalWal(
      Storage storage,
      Host host,
      WalOptions options,
      Announcer announcer,
      Recovery.Recovered log,
      long closeNanos) {
    this.storage = storage;
    this.host = host;
    this.options = options;
    this.closeNanos = closeNanos;
    recovery = log.report();
    recoveredLsn = log.lastLsn();
    manifest = log.manifest();
    codecs = new Codecs(options.compression());
    failure = new Failure(storage.description());
    pruneBy = options.pruneBy();
    subscriptions =
        new Subscriptions(
            storage,
            manifest,
            log.holders().subscriptions(),
            host,
            failure,
            this::fail,
            this::pruneLater);
    boolean async = options.sync() instanceof SyncPolicy.Async;
    meters = new Meters(async);
    staging = new Staging(options.stagingBytes(), log.lastLsn());
    int stagedBatchUnits = Appender.stagedBatchUnits(options);
    int largest = Math.max(Staging.unitsFor(options.maxRecordBytes()), stagedBatchUnits);
    long area = SegmentWriter.areaBytes(options.segmentBytes());
    space = new Space(host, failure, staging, meters, area, (long) largest * FrameLayout.ALIGNMENT);
    files = new FileThread(host);
    long segmentBytes = options.segmentBytes();
    spares = new Spares(host, storage, space, files, segmentBytes, log.spares(), log.nextNumber());
    space.onWait(spares::hurry);
    // A new log has no reserve yet and took none; one that was recovered without a spare left may
    // have.
    space.took(log.spares().isEmpty() && log.report().verdict() != RecoveryReport.Verdict.CREATED);
    retired = new Retired(host, storage, spares, segmentBytes);
    lowWater =
        new LowWater(
            failure,
            manifest,
            state(log),
            pruneBy,
            options.retentionMayOvertake(),
            subscriptions,
            this::fail,
            retired::retire);
    retention = new Retention(host, lowWater, options.retainBytes(), options.retainAge());
    checkpoints =
        new Checkpoints(storage, manifest.current(), failure, lowWater, this::onFileThread);
    OwnSegments own = new OwnSegments(storage, files, spares, retired);
    int cells = options.stagingBytes() >= 1 << 20 ? 4096 : 256;
    durables = new Waiters(host, failure, cells, log.lastLsn());
    acks = async ? new Waiters(host, failure, cells, log.lastLsn()) : durables;
    completions = new Completions(host, failure, acks::reached, meters);
    DiskCall disk = new DiskCall();
    SegmentWriter writer = writer(host, meters, disk, options, log);
    group =
        new GroupWriter(
            host,
            storage,
            staging,
            space,
            spares,
            own,
            manifest,
            writer,
            meters,
            log.lastLsn(),
            this::activated);
    Lease lease = new Lease();
    Commit commit =
        new Commit(host, staging, group, durables, acks, completions::wake, options.sync());
    Duration age = options.rotationAge();
    io =
        new IoThread(
            host,
            failure,
            staging,
            group,
            commit,
            lease,
            this::failed,
            age == null ? Long.MAX_VALUE : age.toNanos(),
            options.claimTimeout().toNanos());
    committer =
        new Committer(failure, lease, commit, io, durables, acks, storage.uninterruptible());
    appender =
        new Appender(
            host,
            options,
            failure,
            staging,
            space,
            own,
            group,
            committer,
            acks,
            completions,
            meters,
            stagedBatchUnits);
    watch =
        new Watch(
            host,
            failure,
            staging,
            space,
            durables,
            disk,
            meters,
            announcer,
            options.slowSync().toNanos());
    space.consumed(0, writer.restBytes());
  }

  private static LogState state(Recovery.Recovered log) {
    return new LogState(log.segments(), log.manifest().current().lowWaterLsn(), log.holes());
  }

  private static SegmentWriter writer(
      Host host, Meters meters, DiskCall disk, WalOptions options, Recovery.Recovered log) {
    FrameWriter frames = new FrameWriter(options.stagingBytes(), options.compression());
    boolean metadata = options.sync() instanceof SyncPolicy.Fsync;
    return new SegmentWriter(
        host,
        meters,
        disk,
        frames,
        metadata,
        log.segments().getLast(),
        log.file(),
        log.offset(),
        log.chain());
  }

  /// Opens or creates a log; the contract is [Wal#open(Storage, Host, WalOptions)].
  ///
  /// @param storage where the files are; closed with the log, or if opening fails
  /// @param host clock, random numbers, threads
  /// @param options how the log works
  /// @return the open log
  /// @throws IOException as the contract says
  public static Wal open(Storage storage, Host host, WalOptions options) throws IOException {
    return open(storage, host, options, CLOSE_NANOS);
  }

  /// Opens or creates a log that waits at most about twice `closeNanos` for a disk that hangs when
  /// it is closed.
  static Wal open(Storage storage, Host host, WalOptions options, long closeNanos)
      throws IOException {
    try {
      storage.lock();
      return begin(storage, host, options, closeNanos);
    } catch (Throwable e) {
      try {
        storage.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  // Opens a log on a storage that is locked already; the storage is the log's if this succeeds.
  private static LocalWal begin(Storage storage, Host host, WalOptions options, long closeNanos)
      throws IOException {
    RecoverEvent event = RecoverEvent.begun();
    Announcer announcer = new Announcer(options.events(), storage.description());
    Recovery.Recovered log = recover(storage, host, options, announcer);
    LocalWal wal = start(storage, host, options, announcer, log, closeNanos);
    wal.storageIsOurs = true;
    if (event != null) {
      event.done(storage.description(), log.report());
    }
    announcer.recovered(log.report());
    return wal;
  }

  // What recovery opened is closed again if there is no memory, or no thread, to go on.
  private static LocalWal start(
      Storage storage,
      Host host,
      WalOptions options,
      Announcer announcer,
      Recovery.Recovered log,
      long closeNanos)
      throws IOException {
    LocalWal wal;
    try {
      wal = new LocalWal(storage, host, options, announcer, log, closeNanos);
    } catch (Throwable e) {
      try (ManifestFile _ = log.manifest();
          StorageFile _ = log.file()) {
        throw e;
      }
    }
    try {
      wal.files.start(List.of(wal.retired, wal.spares, wal.retention));
      wal.io.start();
      wal.watch.start();
      wal.pruneNow();
      return wal;
    } catch (Throwable e) {
      try (wal) {
        throw e;
      }
    }
  }

  // A program may have several logs: the message says which.
  private static Recovery.Recovered recover(
      Storage storage, Host host, WalOptions options, Announcer announcer) throws IOException {
    try {
      return Recovery.run(storage, host, options, announcer);
    } catch (CorruptWalException e) {
      throw e.in(storage.description());
    }
  }

  private void fail(Throwable cause) {
    io.fail(cause);
  }

  // Called once, after the failure was set: everybody who waits for anything looks again.
  private void failed() {
    acks.wakeAll();
    durables.wakeAll();
    space.wakeAll();
    completions.wake();
    watch.nudge();
    subscriptions.wakeAll();
  }

  private void activated(SegmentHeader next) {
    lowWater.activated(next);
    pruneLater(); // what was sealed may be needed by nobody already
    files.wake(); // or be beyond retention
  }

  // When opened, not later: the first LSN does not move under who asks for it. The checkpoint may
  // have been verified just now.
  private void pruneNow() throws IOException {
    if (retention.isWanted() || lowWater.mayRemove()) {
      onFileThread(
          () -> {
            long _ = retention.step();
            lowWater.removeUnneeded();
          });
    }
  }

  // Removes what is no longer needed, if there is anything, on the thread for segments.
  private void pruneLater() {
    if (!closing && !failure.isSet() && lowWater.mayRemove()) {
      files.later(lowWater::removeUnneeded);
    }
  }

  // ---- appending

  @Override
  public long append(MemorySegment payload) throws IOException {
    return appender.append(payload);
  }

  @Override
  public long append(Batch batch) throws IOException {
    return appender.append(batch);
  }

  @Override
  public long appendControl(MemorySegment payload) throws IOException {
    return appender.appendControl(payload);
  }

  @Override
  public long appendControl(Batch batch) throws IOException {
    return appender.appendControl(batch);
  }

  @Override
  public CompletableFuture<Long> appendAsync(MemorySegment payload) throws IOException {
    return appender.appendAsync(payload);
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
    checkStart(fromLsn);
    return lowWater.open(this, fromLsn);
  }

  @Override
  public Cursor read() throws IOException {
    checkNotClosed();
    return lowWater.open(this, 0);
  }

  private void checkStart(long fromLsn) {
    if (fromLsn < 1 || fromLsn > lastLsn() + 1) {
      throw new IllegalArgumentException(
          "fromLsn must be 1 to " + (lastLsn() + 1) + ": " + fromLsn);
    }
  }

  // ---- subscriptions

  @Override
  public Subscription subscribe(String name) throws IOException {
    checkUsable();
    return subscriptions.subscribe(this, lowWater, name, 0);
  }

  @Override
  public Subscription subscribe(String name, long fromLsn) throws IOException {
    checkUsable();
    checkStart(fromLsn);
    committer.awaitDurable(fromLsn - 1); // an ack promises that its LSN is durable
    return subscriptions.subscribe(this, lowWater, name, fromLsn);
  }

  @Override
  public List<SubscriptionStatus> subscriptions() {
    return subscriptions.list(durableLsn());
  }

  @Override
  public void unsubscribe(String name) throws IOException {
    checkUsable();
    subscriptions.unsubscribe(name);
  }

  void checkAck(long lsn) throws WalFailedException {
    failure.check();
    if (lsn > durableLsn()) {
      throw new IllegalArgumentException(
          "records up to " + durableLsn() + " are durable; cannot acknowledge " + lsn);
    }
  }

  void cursorClosed(LogCursor cursor) {
    lowWater.close(cursor);
    if (!closing && !failure.isSet()) {
      files.later(lowWater::removeUnneeded);
    }
  }

  @Override
  public boolean awaitDurableBeyond(long lsn, Duration timeout)
      throws WalFailedException, InterruptedException {
    return durables.await(lsn + 1, Threads.nanos(timeout));
  }

  LogState state() {
    return lowWater.state();
  }

  Storage storage() {
    return storage;
  }

  Host host() {
    return host;
  }

  Codecs codecs() {
    return codecs;
  }

  // ---- segments

  @Override
  public void rotate() throws IOException {
    checkUsable();
    io.rotate();
  }

  @Override
  public List<Segment> segments() {
    return state().asSegments(lastLsn());
  }

  @Override
  public List<Hole> holes() {
    LogState now = state();
    return now.holes().list(now.segments(), now.lowWaterLsn());
  }

  @Override
  public void removeSegment(long number) throws IOException {
    checkUsable();
    files.call(
        () -> {
          new SegmentRemoval(storage, failure, lowWater).remove(number);
          return number;
        });
  }

  @Override
  public void truncateBefore(long lsn) throws IOException {
    checkUsable();
    if (pruneBy == WalOptions.PruneBy.SUBSCRIPTIONS) {
      throw new IllegalStateException(
          "the log is opened with pruneBy = SUBSCRIPTIONS: only acks of subscriptions move the"
              + " low-water mark");
    }
    if (lsn > durableLsn() + 1) {
      throw new IllegalArgumentException(
          "records up to " + durableLsn() + " are durable; cannot truncate before " + lsn);
    }
    lowWater.want(lsn);
    onFileThread(lowWater::removeUnneeded);
  }

  private void onFileThread(FileThread.Job job) throws IOException {
    files.call(
        () -> {
          job.run();
          return job;
        });
  }

  @Override
  public Checkpoint checkpoint(long lsn, SnapshotWriter snapshot) throws IOException {
    checkUsable();
    if (lsn < 0 || lsn > lastLsn()) {
      throw new IllegalArgumentException(
          "the last LSN is " + lastLsn() + "; a checkpoint cannot be at " + lsn);
    }
    return checkpoints.take(lsn, snapshot, () -> committer.awaitDurable(lsn));
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return checkpoints.newest();
  }

  @Override
  public long firstLsn() {
    LogState now = state();
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
    LogState now = state();
    long durable = durableLsn();
    int ready = spares.count();
    long bytes = spares.bytes();
    for (SegmentHeader segment : now.segments()) {
      bytes += segment.fileBytes();
    }
    return new WalMetrics(
        new WalMetrics.Lsns(now.lowWaterLsn(), firstLsn(), durable, lastLsn()),
        new WalMetrics.Counts(
            durable - recoveredLsn,
            meters.voidRecords(),
            group.payloadBytes(),
            group.writer().writtenBytes,
            meters.refusals()),
        meters.latencies(),
        meters.groups(),
        new WalMetrics.Files(now.segments().size(), ready, ready > 0, bytes),
        failure.isSet(),
        storage.uninterruptible());
  }

  void checkNotClosed() throws WalFailedException {
    if (reopening) {
      throw failure.exception();
    }
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
    // A dependent of a future must not wait here for a close that waits for it.
    if (completions.isCurrentThread()) {
      if (!closeLock.tryLock()) {
        return;
      }
    } else {
      closeLock.lock();
    }
    try {
      if (!released) {
        closeOnce();
      }
    } finally {
      closeLock.unlock();
    }
  }

  @Override
  public Wal reopen() throws IOException {
    closeLock.lock();
    try {
      if (released) {
        throw new IllegalStateException(
            reopening
                ? "the log was reopened already; use the log that returned"
                : "the log is closed; open it again");
      }
      if (!failure.isSet()) {
        throw new IllegalStateException("the log has not failed; there is no need to reopen it");
      }
      return reopenOnce();
    } finally {
      closeLock.unlock();
    }
  }

  private Wal reopenOnce() throws IOException {
    reopening = true; // before anything is changed: cursors look at it after they have read
    if (!stop()) {
      throw new IOException(
          "the disk under "
              + storage.description()
              + " does not answer, or a checkpoint is still being written; a write of the failed log"
              + " may be on its way, so nothing was"
              + " opened. The log stays locked, reopen it again later");
    }
    closeFiles();
    Wal next = begin(storage, host, options, closeNanos);
    storageIsOurs = false;
    released = true;
    return next;
  }

  private void closeOnce() throws IOException {
    if (!stop()) {
      throw new IOException(
          "the disk under "
              + storage.description()
              + " does not answer; the log stays locked, close it again later");
    }
    released = true;
    release();
    if (failure.isSet()) {
      throw failure.exception();
    }
  }

  // Ends everything that may be at the disk; answers whether nothing is.
  private boolean stop() {
    closing = true;
    space.close();
    boolean ended = io.close(closeNanos);
    durables.close();
    completions.close(closeNanos / 8);
    ended &= checkpoints.close(closeNanos / 4);
    try {
      ended &= subscriptions.close(closeNanos / 4);
    } catch (IOException e) {
      stopFault = e; // no reason to keep the lock
    }
    ended &= files.close(closeNanos / 2);
    lowWater.closeAll();
    watch.close(closeNanos / 8);
    return ended;
  }

  private void release() throws IOException {
    IOException first = closeFiles();
    first = first == null ? stopFault : first;
    if (storageIsOurs) {
      try {
        storage.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null && !failure.isSet()) {
      throw first;
    }
  }

  private @Nullable IOException closeFiles() {
    IOException first = null;
    for (java.io.Closeable part : List.<java.io.Closeable>of(group.writer()::close, manifest)) {
      try {
        part.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    return first;
  }
}
