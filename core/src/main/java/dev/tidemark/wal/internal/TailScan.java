package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;

/// Reads the newest segment of a log that nobody writes to: follows the frames from the header to
/// where they stop, and looks for headers of this segment in everything behind. It judges nothing.
///
/// @param end where the frames end, those of a batch without its end not counted; in bytes
/// @param recordsEnd where the last frame with records before `end` ends; what follows are empty
///   frames, which nobody waited for and perhaps no sync has proven; in bytes
/// @param chain the header CRC of the last frame before `end`
/// @param lastLsn the last LSN before `end`
/// @param promisedLsn the largest durable LSN in any valid header, wherever it stands
/// @param highestLsn the largest LSN that any valid header names
/// @param lowestBehindLsn the smallest LSN that a header behind `end` names, 0 if there is none
/// @param sealed whether the last frame is a seal
/// @param empty whether there is no frame and no header of one, HOLE frames at the head not counted
/// @param dirtyEnd behind the last byte that may have been written behind `end`, or behind the
///   missing ones of a file too short; `end` if there is none. In a file that never had another
///   life that is every byte that is not zero. In a recycled one it is what stands in place of the
///   64 zero bytes that every write ends with, and every frame whose header is of this life
/// @param missingBytes by how much the file is shorter than its header says
/// @param zerosAtEnd whether the 64 zero bytes of the last write stand at `end`: then nothing that
///   was synced stood behind it, for it would have begun there
record TailScan(
    long end,
    long recordsEnd,
    int chain,
    long lastLsn,
    long promisedLsn,
    long highestLsn,
    long lowestBehindLsn,
    boolean sealed,
    boolean empty,
    long dirtyEnd,
    long missingBytes,
    boolean zerosAtEnd) {

  /// Scans a segment.
  ///
  /// @throws CorruptWalException if there is a frame that this code must know and does not
  static TailScan of(StorageFile file, SegmentHeader segment) throws IOException {
    return of(file, segment, Progress.none());
  }

  /// Scans a segment that may be large.
  ///
  /// @param progress told how far the scan is, of the segment's bytes
  /// @throws CorruptWalException if there is a frame that this code must know and does not
  static TailScan of(StorageFile file, SegmentHeader segment, Progress progress)
      throws IOException {
    return new Walk(file, segment, progress).scan();
  }

  /// {@return whether nothing was begun behind the frames}
  boolean isClean() {
    return dirtyEnd == end;
  }

  /// {@return the refusal of a frame that this code must know and does not}
  static CorruptWalException tooNew(FrameHeader frame, String file, long offset) {
    return new CorruptWalException(
        "holds a frame of kind "
            + frame.kind
            + " with flags "
            + Integer.toHexString(frame.flags)
            + ", which a newer program wrote and this one must not pass over; use a newer program",
        file,
        offset,
        0,
        0);
  }

  /// One scan under way. For one thread.
  private static final class Walk {
    private final StorageFile file;
    private final SegmentHeader segment;
    private final FrameReader reader;
    private final Progress progress;
    private long offset = SegmentHeader.BYTES;
    private int chain;
    private long nextLsn;
    private boolean inBatch;
    private boolean sealed;
    private boolean anyHeader;
    private long wholeEnd = SegmentHeader.BYTES;
    private long recordsEnd = SegmentHeader.BYTES;
    private int wholeChain;
    private long wholeLsn;
    private long promisedLsn;
    private long highestLsn;
    private long lowestBehindLsn;

    Walk(StorageFile file, SegmentHeader segment, Progress progress) {
      this.file = file;
      this.segment = segment;
      this.progress = progress;
      reader = new FrameReader(file, segment);
      chain = segment.chainStart();
      wholeChain = chain;
      nextLsn = segment.firstLsn();
      wholeLsn = nextLsn - 1;
      promisedLsn = segment.durableLsn();
      highestLsn = wholeLsn;
    }

    TailScan scan() throws IOException {
      while (follow()) {
        progress.at(file.name(), offset, nextLsn - segment.firstLsn());
      }
      long dirtyEnd = lookBehind();
      return new TailScan(
          wholeEnd,
          recordsEnd,
          wholeChain,
          wholeLsn,
          promisedLsn,
          highestLsn,
          lowestBehindLsn,
          sealed && wholeEnd == offset,
          !anyHeader,
          Math.max(dirtyEnd, wholeEnd),
          Math.max(0, segment.fileBytes() - file.size()),
          reader.isZero(wholeEnd, FrameLayout.ALIGNMENT));
    }

    private boolean follow() throws IOException {
      FrameReader.Found found = reader.read(offset);
      FrameHeader frame = reader.header();
      if (found == FrameReader.Found.NOTHING) {
        return false;
      }
      note(frame, offset);
      if (found == FrameReader.Found.HEADER_ONLY || !continues(frame)) {
        return false;
      }
      if (frame.kind == FrameLayout.KIND_RECORDS) {
        inBatch = !frame.isLast();
      }
      sealed = frame.kind == FrameLayout.KIND_SEAL;
      nextLsn += frame.records;
      offset += frame.frameBytes();
      chain = frame.headerCrc;
      if (!inBatch) {
        wholeEnd = offset;
        recordsEnd = frame.records > 0 ? offset : recordsEnd;
        wholeChain = chain;
        wholeLsn = nextLsn - 1;
      }
      return true;
    }

    private boolean continues(FrameHeader frame) {
      boolean begins = frame.kind != FrameLayout.KIND_RECORDS || frame.isFirst();
      return frame.previousCrc == chain
          && frame.firstLsn == nextLsn
          && !sealed
          && begins != inBatch;
    }

    private void note(FrameHeader frame, long at) throws CorruptWalException {
      if (frame.isTooNew()) {
        throw tooNew(frame, file.name(), at);
      }
      anyHeader |= frame.kind != FrameLayout.KIND_HOLE;
      promisedLsn = Math.max(promisedLsn, frame.durableLsn);
      highestLsn = Math.max(highestLsn, frame.lastLsn());
    }

    // A header of this segment behind the end proves that something was written after what is
    // missing. In a recycled file bytes of an earlier life prove nothing, and none of them
    // validates.
    private long lookBehind() throws IOException {
      long dirtyEnd = wholeEnd;
      boolean recycled = segment.isRecycled();
      long fileBytes = Math.min(file.size(), segment.fileBytes());
      if (fileBytes < segment.fileBytes()) {
        dirtyEnd = segment.limit();
      }
      long last = Math.min(fileBytes, segment.limit() + FrameLayout.ALIGNMENT);
      for (long at = wholeEnd; at < last; at += FrameLayout.ALIGNMENT) {
        progress.at(file.name(), at, nextLsn - segment.firstLsn());
        long length = Math.min(FrameLayout.ALIGNMENT, last - at);
        if (reader.isZero(at, length)) {
          continue;
        }
        if (!recycled || at == wholeEnd) {
          dirtyEnd = Math.max(dirtyEnd, at + length);
        }
        if (length == FrameLayout.ALIGNMENT
            && reader.hasMagic(at)
            && reader.readHeader(at) == FrameReader.Found.HEADER_ONLY) {
          FrameHeader frame = reader.header();
          note(frame, at);
          if (recycled) {
            dirtyEnd = Math.max(dirtyEnd, Math.min(at + frame.frameBytes(), segment.limit()));
          }
          if (frame.records > 0 && (lowestBehindLsn == 0 || frame.firstLsn < lowestBehindLsn)) {
            lowestBehindLsn = frame.firstLsn;
          }
        }
      }
      return dirtyEnd;
    }
  }
}
