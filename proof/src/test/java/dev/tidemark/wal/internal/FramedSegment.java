package dev.tidemark.wal.internal;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A segment on a simulated disk and frames put into it one behind the other, each with checksums
/// that are right, whatever else is wrong with it.
abstract class FramedSegment {
  static final String NAME = SegmentHeader.fileName(3);
  static final int BYTES = 4096;
  static final int LIMIT = BYTES - 256 - 64;
  static final int HEAD = SegmentHeader.BYTES;
  static final long FIRST = 11; // LSN
  static final int BOTH = FrameLayout.FLAGS_ALONE;

  final SimulatedDisk disk = new SimulatedDisk();
  SegmentHeader segment = segment(0, BYTES);
  long end = HEAD;
  int chain = segment.chainStart();

  FramedSegment() throws IOException {
    try (StorageFile file = disk.create(NAME)) {
      file.write(BYTES - 1, bytes(0));
    }
  }

  static MemorySegment bytes(int... values) {
    MemorySegment bytes = Arena.ofAuto().allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
    }
    return bytes;
  }

  static SegmentHeader segment(int flags, long bytes) {
    return new SegmentHeader(1, 2, 3, 4, bytes, FIRST, 2, 9, 300, 10, 77, 10, flags, 0);
  }

  void recycle() {
    segment = segment(SegmentHeader.RECYCLED, segment.fileBytes());
    chain = segment.chainStart();
  }

  FrameWriter writer() {
    FrameWriter frames = new FrameWriter(1024, null);
    frames.enter(segment, end, chain);
    return frames;
  }

  void put(FrameWriter frames) throws IOException {
    int bytes = frames.bufferedBytes();
    try (StorageFile file = disk.open(NAME)) {
      file.write(frames.end() - bytes, frames.closedFrames(), 0, bytes);
    }
    end = frames.end();
    chain = frames.chain();
  }

  // Behind what was put before.
  void records(long lsn, int count, int flags, long durable) throws IOException {
    FrameWriter frames = writer();
    Batch batch = new Batch();
    for (int i = 0; i < count; i++) {
      batch.add(new byte[10]);
      frames.add(lsn + i, batch, i);
    }
    frames.close(flags, durable);
    put(frames);
  }

  void empty(int kind, long nextLsn, long durable) throws IOException {
    FrameWriter frames = writer();
    frames.addEmpty(kind, nextLsn, durable);
    put(frames);
  }

  void set(long offset, int value) throws IOException {
    try (StorageFile file = disk.open(NAME)) {
      file.write(offset, bytes(value));
    }
  }

  TailScan scan() throws IOException {
    try (StorageFile file = disk.openForRead(NAME)) {
      return TailScan.of(file, segment);
    }
  }

  // Two frames, up to LSN 13.
  void three() throws IOException {
    records(11, 2, BOTH, 10);
    records(13, 1, BOTH, 12);
  }
}
