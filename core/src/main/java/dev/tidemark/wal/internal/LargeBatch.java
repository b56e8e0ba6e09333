package dev.tidemark.wal.internal;

import dev.tidemark.wal.Batch;
import java.io.IOException;

/// A batch too large for staging, on its way to the disk: one slot in staging stands for it, and
/// the lease holder takes its records straight from the caller's [Batch].
///
/// @param batch the caller's, who leaves it alone until it is written or the log has failed
/// @param spare the segment that was prepared for it
record LargeBatch(Batch batch, Spares.Spare spare) {

  /// {@return what a batch takes on disk at most, in bytes}
  static long framedBytes(Batch batch) {
    long shared = FrameLayout.MAX_SHARED_PAYLOAD_BYTES;
    long bytes = 0;
    long open = 0;
    for (int i = 0; i < batch.count(); i++) {
      long framed = batch.recordBytes(i) + (long) FrameLayout.LENGTH_BYTES;
      if (open > 0 && open + framed > shared) {
        bytes += FrameLayout.align(FrameLayout.HEADER_BYTES + open);
        open = 0;
      }
      open += framed;
    }
    return bytes + FrameLayout.align(FrameLayout.HEADER_BYTES + open);
  }

  /// Writes it to the active segment, which has room for it, piece by piece; it is not synced. For
  /// the lease holder, with no frame open or unwritten.
  ///
  /// @param firstLsn the LSN of its first record
  /// @param durableLsn what its frames promise; it stays where it is until the last piece is
  ///   written: it never stops inside a batch
  void write(SegmentWriter writer, long firstLsn, long durableLsn) throws IOException {
    FrameWriter frames = writer.frames();
    boolean first = true;
    for (int i = 0; i < batch.count(); i++) {
      long framed = batch.recordBytes(i) + (long) FrameLayout.LENGTH_BYTES;
      if (frames.isOpen() && !frames.canShare(framed)) {
        frames.close(first ? FrameLayout.FLAG_FIRST : 0, durableLsn);
        first = false;
        if (frames.bufferedBytes() >= SegmentWriter.WRITE_BYTES) {
          writer.write();
        }
      }
      frames.add(firstLsn + i, batch, i);
    }
    frames.close(first ? FrameLayout.FLAGS_ALONE : FrameLayout.FLAG_LAST, durableLsn);
    writer.write();
  }
}
