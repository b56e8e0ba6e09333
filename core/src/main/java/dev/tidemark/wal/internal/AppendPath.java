package dev.tidemark.wal.internal;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.time.Duration;

/// The way from append to ack, joined: who checks, who stages, who writes, who is woken. Its parts
/// are used directly; nothing of this class stands in the way of an append.
///
/// ```
///  Appender ─► Staging ─► Committer ─► GroupWriter ─► Waiters
///                            └─ IoThread ─┘
/// ```
final class AppendPath {
  final Staging staging;
  final Meters meters;
  final Waiters durables;
  final GroupWriter group;
  final IoThread io;
  final Committer committer;
  final Appender appender;

  private final Space space;
  private final Upkeep upkeep;
  private final Waiters acks;
  private final Completions completions;
  private final Watch watch;

  /// @param log what recovery made
  AppendPath(
      Storage storage,
      Host host,
      WalOptions options,
      Announcer announcer,
      Recovery.Recovered log,
      Failure failure,
      Meters meters,
      Staging staging,
      Space space,
      Upkeep upkeep) {
    this.meters = meters;
    this.staging = staging;
    this.space = space;
    this.upkeep = upkeep;
    long lastLsn = log.lastLsn();
    boolean async = options.sync() instanceof SyncPolicy.Async;
    int cells = options.stagingBytes() >= 1 << 20 ? 4096 : 256;
    durables = new Waiters(host, failure, cells, lastLsn);
    acks = async ? new Waiters(host, failure, cells, lastLsn) : durables;
    completions = new Completions(host, failure, acks::reached, meters);
    DiskCall disk = new DiskCall();
    SegmentWriter writer = writer(host, meters, disk, options, log);
    group =
        new GroupWriter(
            host,
            storage,
            staging,
            space,
            upkeep.spares,
            upkeep.own,
            log.manifest(),
            writer,
            meters,
            lastLsn,
            upkeep::activated);
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
            this::wakeAll,
            age == null ? Long.MAX_VALUE : age.toNanos(),
            options.claimTimeout().toNanos());
    committer =
        new Committer(host, failure, lease, commit, io, durables, acks, storage.uninterruptible());
    appender =
        new Appender(
            host,
            options,
            failure,
            staging,
            space,
            upkeep.own,
            group,
            committer,
            acks,
            completions,
            meters);
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

  /// Starts the threads.
  void start() {
    io.start();
    watch.start();
  }

  // Called once, after the failure was set: everybody who waits for anything looks again.
  private void wakeAll() {
    acks.wakeAll();
    durables.wakeAll();
    space.wakeAll();
    completions.wake();
    watch.nudge();
    upkeep.subscriptions.wakeAll();
  }

  /// {@return whether the calling thread completes futures, and so runs what depends on them}
  boolean completesFutures() {
    return completions.isCurrentThread();
  }

  /// Refuses further claims, writes, syncs and seals what was claimed, and wakes whoever waits.
  ///
  /// @param nanos how long to wait for the disk, twice at most, and then a little for futures
  /// @return whether nobody is at the disk any more
  boolean close(long nanos) {
    space.close();
    boolean ended = io.close(nanos);
    durables.close();
    completions.close(nanos / 8);
    return ended;
  }

  /// Tells what is left to be told. The last to be closed: it watches the others.
  void closeWatch(long nanos) {
    watch.close(nanos);
  }
}
