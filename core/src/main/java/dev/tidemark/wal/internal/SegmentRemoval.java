package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Removes segments whose records are still needed. What is left is the header, which stays the
/// authority on the segment before it, under a name that says so; it goes when the low-water mark
/// passes it.
///
/// ```
/// named `.gone` ─► directory synced: removed ─► second copy of the header right behind the first,
/// synced ─► cut behind it
/// ```
///
/// None of it takes space, so it helps on a full disk. For one thread at a time.
final class SegmentRemoval {
  private final Storage storage;
  private final Failure failure;
  private final LowWater lowWater;

  SegmentRemoval(Storage storage, Failure failure, LowWater lowWater) {
    this.storage = storage;
    this.failure = failure;
    this.lowWater = lowWater;
  }

  /// Removes a segment, durably.
  ///
  /// @throws IllegalArgumentException if there is none of that number, or it is active
  void remove(long number) throws IOException {
    failure.check();
    lowWater.removeUnneeded();
    LogState state = lowWater.state();
    int index = state.indexOfNumber(number);
    if (number == state.active().number()) {
      throw new IllegalArgumentException(
          "segment " + number + " is active; rotate first, then remove it");
    }
    if (index < 0 && (number < 1 || number > state.segments().getFirst().number())) {
      throw new IllegalArgumentException("there is no segment " + number);
    }
    if (index < 0) {
      return; // it went with the low-water mark
    }
    SegmentHeader segment = state.segments().get(index);
    String name = SegmentHeader.fileName(number);
    String gone = SegmentHeader.goneName(number);
    if (storage.list().contains(name)) {
      long end = headEnd(storage, name, segment, state.holes());
      lowWater.gone(number); // first, so that no cursor looks for what is about to go
      storage.rename(name, gone);
      storage.syncDirectory();
      cut(storage, segment, end);
    } else { // removed already, but perhaps not to the end of it
      storage.syncDirectory();
      finish(storage, segment, state.holes());
    }
  }

  /// Cuts a segment that is gone to its header, if that was not done before a crash.
  ///
  /// @param holes all that were accepted in the log
  static void finish(Storage storage, SegmentHeader segment, Holes holes) throws IOException {
    String name = SegmentHeader.goneName(segment.number());
    cut(storage, segment, headEnd(storage, name, segment, holes));
  }

  private static void cut(Storage storage, SegmentHeader segment, long end) throws IOException {
    try (StorageFile file = storage.open(SegmentHeader.goneName(segment.number()))) {
      if (file.size() <= end + SegmentHeader.BYTES) {
        return;
      }
      MemorySegment copy = Arena.ofAuto().allocate(SegmentHeader.BYTES, 64);
      segment.encode(copy);
      file.write(0, copy);
      file.write(end, copy);
      file.sync(true);
      file.truncate(end + SegmentHeader.BYTES);
      file.sync(true);
    }
  }

  // Holes of other segments, listed at the head of this one, stay; unless the list was damaged and
  // a later salvage made it anew.
  private static long headEnd(Storage storage, String name, SegmentHeader segment, Holes holes)
      throws IOException {
    if (!segment.isSalvaged()) {
      return SegmentHeader.BYTES;
    }
    HoleFrames.Head head = Chain.readHead(storage, name, segment);
    if (head != null) {
      return head.end();
    }
    if (holes.replacesList(segment.number())) {
      return SegmentHeader.BYTES;
    }
    throw new CorruptWalException(
        HoleFrames.DAMAGED + "; " + CorruptWalException.ADVICE, name, SegmentHeader.BYTES, 0, 0);
  }
}
