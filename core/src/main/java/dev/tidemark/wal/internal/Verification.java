package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.List;

/// Verifies every frame of the segments that have a successor. Memory is bounded by the largest
/// frame.
final class Verification {
  private Verification() {}

  /// Verifies a log, accepted holes left out.
  ///
  /// @return how many bytes were verified
  /// @throws CorruptWalException at the first frame that is not what was written
  static long run(Storage storage, Chain chain, Progress progress) throws IOException {
    List<SegmentHeader> segments = chain.segments();
    Counter counter = new Counter(progress);
    for (int i = 0; i < segments.size() - 1; i++) {
      SegmentHeader segment = segments.get(i);
      if (chain.holes().isGone(segment.number())) {
        continue;
      }
      try (StorageFile file = storage.openForRead(SegmentHeader.fileName(segment.number()))) {
        counter.file = file.name();
        List<SegmentWalk.Damage> damage =
            new SegmentWalk(file, segment, chain.holes(), counter)
                .toStatedEnd(segments.get(i + 1))
                .damage();
        if (!damage.isEmpty()) {
          throw refusal(file.name(), damage.getFirst().hole());
        }
      }
    }
    return counter.doneBytes;
  }

  /// {@return how many bytes of frames there are in segments with a successor}
  static long bytes(List<SegmentHeader> segments) {
    long bytes = 0;
    for (SegmentHeader segment : segments) {
      bytes += Math.max(0, segment.previousEnd() - SegmentHeader.BYTES);
    }
    return bytes;
  }

  private static CorruptWalException refusal(String file, AcceptedHole hole) {
    return new CorruptWalException(
        "is damaged up to byte " + hole.toByte() + "; " + CorruptWalException.ADVICE,
        file,
        hole.fromByte(),
        hole.count() == 0 ? 0 : hole.fromLsn(),
        hole.count() == 0 ? 0 : hole.toLsn());
  }

  /// Adds up what was verified. For one thread.
  static final class Counter implements SegmentWalk.Progress {
    private final Progress progress;
    private long doneBytes;
    private String file = "";

    Counter(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void verified(long bytes) {
      doneBytes += bytes;
      progress.at(file, doneBytes, 0);
    }

    /// {@return how many bytes were verified}
    long doneBytes() {
      return doneBytes;
    }
  }
}
