package dev.tidemark.wal.internal;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.ForwardingStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.util.List;

/// The way from staging to a disk that keeps nothing, of the real pieces, for one segment: nothing
/// here rotates. Its I/O thread runs when an actor runs it ([Machine#run]).
final class Line {
  static final MemorySegment PAYLOAD = MemorySegment.ofArray(new byte[8]);
  private static final Field IDLE = idle();
  private static final int UNITS = Staging.unitsFor(8);
  private static final SegmentHeader HEADER =
      new SegmentHeader(1, 2, 1, 3, 4096, 1, 0, 0, 0, 0, 0, 0, 0, 0);

  final Machine host = new Machine();
  final Failure failure = new Failure("a test");
  final Staging staging = new Staging(1024, 0);
  final Lease lease = new Lease();
  final Waiters durables = new Waiters(host, failure, 4, 0);
  final Space space;
  final GroupWriter group;
  final IoThread io;
  final Committer committer;

  private static Field idle() {
    try {
      Field idle = IoThread.class.getDeclaredField("idle");
      idle.setAccessible(true);
      return idle;
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static final class FullDisk extends ForwardingStorage {
    @SuppressWarnings("NullAway") // no other call comes here
    FullDisk() {
      super(null);
    }

    @Override
    public long usableBytes() {
      return 0;
    }

    @Override
    public String description() {
      return "no disk";
    }
  }

  @SuppressWarnings("NullAway") // what only rotations need is not there
  Line() {
    Meters meters = new Meters(true);
    FullDisk disk = new FullDisk();
    SegmentWriter writer =
        new SegmentWriter(
            host,
            meters,
            new DiskCall(),
            new FrameWriter(1024, null),
            false,
            HEADER,
            new NoDisk(),
            SegmentHeader.BYTES,
            HEADER.chainStart());
    space = new Space(host, failure, staging, meters, SegmentWriter.areaBytes(4096), 1024);
    group =
        new GroupWriter(
            host,
            disk,
            staging,
            space,
            new Spares(host, disk, space, new FileThread(host), 4096, List.of(), 2),
            null,
            null,
            writer,
            meters,
            0,
            header -> {});
    Commit commit =
        new Commit(host, staging, group, durables, durables, () -> {}, SyncPolicy.fdatasync());
    io =
        new IoThread(
            host,
            failure,
            staging,
            group,
            commit,
            lease,
            durables::wakeAll,
            Long.MAX_VALUE,
            Long.MAX_VALUE);
    committer = new Committer(host, failure, lease, commit, io, durables, durables, true);
    io.start();
    space.consumed(0, writer.restBytes());
  }

  /// Claims a place for a record and fills it.
  ///
  /// @return the claim, to be published as LSN 1
  long stage() {
    try {
      long claim = space.claim(UNITS, 1, Staging.Kind.ORDINARY);
      staging.put(claim, 0, 1, PAYLOAD);
      return claim;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sets the I/O thread down as idle, as if it had parked.
  void letTheThreadSleep() {
    try {
      IDLE.setBoolean(io, true);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
