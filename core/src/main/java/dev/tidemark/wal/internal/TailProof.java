package dev.tidemark.wal.internal;

import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Makes sure of what the newest segment holds above the promise.
///
/// After a failed sync the page cache may show what the disk does not hold: writing the bytes again
/// makes them dirty, so that the next sync really proves them. Marks and a seal belong to the chain
/// as records do, and nobody waited for their sync.
final class TailProof {
  private static final int COPY_BYTES = 1 << 20;

  private TailProof() {}

  /// Writes everything unproven again at its own place, and syncs it.
  ///
  /// @param promised the largest LSN that anything promises durable
  /// @param progress told how far it is, of the bytes up to the end of the frames
  /// @throws IOException if the storage fails, or the file changes meanwhile
  static void make(
      Storage storage, SegmentHeader newest, TailScan scan, long promised, Progress progress)
      throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.fileName(newest.number()))) {
      copyInPlace(file, provenEnd(file, newest, scan, promised), scan.end(), progress);
      TailScan again = TailScan.of(file, newest);
      if (again.lastLsn() != scan.lastLsn() || again.chain() != scan.chain()) {
        throw new IOException(file.name() + " changed while unproven records were written again");
      }
    }
  }

  /// Writes bytes again where they stand, and syncs them.
  static void copyInPlace(StorageFile file, long from, long end, Progress progress)
      throws IOException {
    long largest = Math.max(1, Math.min(COPY_BYTES, end - from));
    MemorySegment copy = Arena.ofAuto().allocate(largest, 64);
    for (long at = from; at < end; at += COPY_BYTES) {
      long length = Math.min(COPY_BYTES, end - at);
      int read = file.read(at, copy.asSlice(0, length));
      if (read != length) {
        throw new IOException(file.name() + " became shorter while it was read, at byte " + at);
      }
      file.write(at, copy, 0, length);
      progress.at(file.name(), at + length, 0);
    }
    file.sync(true);
  }

  // Behind the last records that were promised: they were synced, and with them all before.
  private static long provenEnd(
      StorageFile file, SegmentHeader segment, TailScan scan, long promised) throws IOException {
    if (scan.lastLsn() <= promised) {
      return scan.recordsEnd();
    }
    FrameReader reader = new FrameReader(file, segment);
    long proven = SegmentHeader.BYTES;
    long offset = SegmentHeader.BYTES;
    while (offset < scan.end()) {
      if (reader.readHeader(offset) == FrameReader.Found.NOTHING) {
        throw new IOException(file.name() + " changed while it was read, at byte " + offset);
      }
      FrameHeader frame = reader.header();
      offset += frame.frameBytes();
      if (frame.lastLsn() > promised) {
        break;
      }
      if (frame.records > 0) {
        proven = offset;
      }
    }
    return proven;
  }
}
