package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The first frame of a segment that proves that it is one, whatever its header says.
///
/// @param firstLsn its first LSN
/// @param atHead whether nothing can be missing before it
/// @param isHole whether it is a HOLE frame
record FirstFrame(long firstLsn, boolean atHead, boolean isHole) {

  /// {@return the first such frame, or null}
  static @Nullable FirstFrame find(StorageFile file, SegmentHeader segment) throws IOException {
    FrameReader reader = new FrameReader(file, segment);
    long end = file.size();
    for (long at = SegmentHeader.BYTES; at < end; at += FrameLayout.ALIGNMENT) {
      if (reader.hasMagic(at) && reader.read(at) == FrameReader.Found.FRAME) {
        FrameHeader frame = reader.header();
        if (!frame.isTooNew() && frame.begins()) {
          boolean atHead = at == SegmentHeader.BYTES;
          return new FirstFrame(frame.firstLsn, atHead, frame.kind == FrameLayout.KIND_HOLE);
        }
      }
    }
    return null;
  }
}
