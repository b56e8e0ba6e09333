package dev.tidemark.wal.internal;

import dev.tidemark.wal.Stall;
import dev.tidemark.wal.internal.meter.Meters;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;

/// Writes frames to the active segment and syncs it. For the lease holder only.
final class SegmentWriter {
  /// Kept free at the end of every segment: one mark and the seal.
  static final int RESERVED_BYTES = 2 * FrameLayout.HEADER_BYTES;

  /// Frames are handed to the disk when this much is built.
  static final int WRITE_BYTES = 1 << 20;

  private final Host host;
  private final Meters meters;
  private final DiskCall disk;
  private final FrameWriter frames;
  private final boolean syncMetadata;

  // All fields: owned by the lease holder. The counter is read by anybody, who may see it late.
  private SegmentHeader header;
  private StorageFile file;
  private boolean unsynced;
  volatile long writtenBytes;

  /// @param offset where the next frame goes, in bytes
  /// @param chain the header CRC of the frame before
  SegmentWriter(
      Host host,
      Meters meters,
      DiskCall disk,
      FrameWriter frames,
      boolean syncMetadata,
      SegmentHeader header,
      StorageFile file,
      long offset,
      int chain) {
    this.host = host;
    this.meters = meters;
    this.disk = disk;
    this.frames = frames;
    this.syncMetadata = syncMetadata;
    this.header = header;
    this.file = file;
    frames.enter(header, offset, chain);
  }

  SegmentHeader header() {
    return header;
  }

  FrameWriter frames() {
    return frames;
  }

  /// {@return what frames of records may take in a segment of this size, in bytes}
  static long areaBytes(long fileBytes) {
    return SegmentHeader.limit(fileBytes) - RESERVED_BYTES - SegmentHeader.BYTES;
  }

  /// {@return how many bytes of frames of records still fit, those in the buffer counted}
  long restBytes() {
    return header.limit() - RESERVED_BYTES - frames.end();
  }

  /// {@return whether there is room for one more mark, with the seal still behind it}
  boolean hasRoomForMark() {
    return frames.end() + 2 * FrameLayout.HEADER_BYTES <= header.limit();
  }

  /// Writes the closed frames, if any. On return they survive a process kill.
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: the lease holder
  void write() throws IOException {
    int bytes = frames.bufferedBytes();
    if (bytes == 0) {
      return;
    }
    long offset = frames.end() - bytes;
    disk.begin(Stall.Kind.WRITE);
    try {
      file.write(offset, frames.closedFrames(), 0, bytes + (long) FrameLayout.ALIGNMENT);
    } finally {
      disk.end();
    }
    frames.written();
    unsynced = true;
    writtenBytes += bytes + FrameLayout.ALIGNMENT;
  }

  /// Syncs what was written before this call.
  void sync() throws IOException {
    if (!unsynced) {
      return;
    }
    long begun = host.nanoTime();
    disk.begin(Stall.Kind.SYNC);
    try {
      file.sync(syncMetadata);
    } finally {
      disk.end();
    }
    unsynced = false;
    meters.synced(host.nanoTime() - begun);
  }

  /// {@return where it is noted that the lease holder is at the disk}
  DiskCall disk() {
    return disk;
  }

  boolean isUnsynced() {
    return unsynced;
  }

  /// Goes on in another segment, whose header is durable. Everything in the old one is synced.
  void enter(SegmentHeader next, StorageFile nextFile) throws IOException {
    assert !unsynced && frames.bufferedBytes() == 0;
    StorageFile old = file;
    header = next;
    file = nextFile;
    frames.enter(next, SegmentHeader.BYTES, next.chainStart());
    old.close();
  }

  /// Closes the file. Nothing is written or synced.
  void close() throws IOException {
    file.close();
  }
}
