package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Walks a segment from its header on and verifies every byte that counts. At an accepted hole it
/// passes over; at damage it looks for the next place where a batch begins that can be vouched for,
/// and goes on there. It changes nothing. For one thread, for one walk.
///
/// Whole frames are those whose header and payload hold for this segment and their own offset; a
/// batch of several frames counts only as a whole.
final class SegmentWalk {
  /// Told of what was verified.
  interface Progress {
    /// Takes note of some more bytes.
    ///
    /// @param bytes how many
    void verified(long bytes);

    /// {@return whether frames of a batch are to be shown only if all of them are there, which
    /// takes reading them twice}
    default boolean wantsWholeBatches() {
      return false;
    }

    /// Is shown a whole frame that follows the one before.
    ///
    /// @param segment which it is in
    /// @param offset where it begins, in bytes
    /// @param reader has just read it
    default void frame(SegmentHeader segment, long offset, FrameReader reader) throws IOException {}

    /// Takes note of damage, before it is shown the frame behind it.
    default void damaged(AcceptedHole hole) {}

    /// Takes note of a hole that is passed over, before it is shown the frame behind it.
    default void passed(AcceptedHole hole) {}

    /// {@return whether it wants a segment to be read that ends with an LSN}
    default boolean wants(long lastLsn) {
      return true;
    }

    /// Takes note of what is promised, and what the newest segment shows, before that is walked.
    default void newest(SegmentHeader newest, TailScan scan, long promisedLsn) {}

    /// Takes note of how the newest segment ends, once all of it was read.
    ///
    /// @param end where its frames end
    default void tail(SegmentHeader newest, TailScan scan, Found end) {}
  }

  /// Damage, as the hole it would be.
  ///
  /// @param hole the hole
  /// @param crcBefore the header CRC of the last frame before it
  record Damage(AcceptedHole hole, int crcBefore) {}

  /// What was found.
  ///
  /// @param damage by ascending place
  /// @param end where the frames end, in bytes
  /// @param crc the header CRC of the last of them
  /// @param lastLsn the last LSN before `end`
  record Found(List<Damage> damage, long end, int crc, long lastLsn) {}

  private final StorageFile file;
  private final SegmentHeader segment;
  private final Holes accepted;
  private final Progress progress;
  private final FrameReader reader;
  private final List<Damage> damage = new ArrayList<>();

  // Where the walk is.
  private long offset = SegmentHeader.BYTES;
  private int crc;
  private long nextLsn;
  private boolean inBatch;
  private boolean sealed;
  private boolean shown; // whether the frames of the current batch are shown
  private long passedTo = -1; // the end of the hole passed last, not to be passed again
  // Where the last whole batch before that ends.
  private long wholeEnd = SegmentHeader.BYTES;
  private int wholeCrc;
  private long wholeLsn;
  // What is asked of it.
  private long end;
  private long largestLsn;
  private long vouchedLsn;

  /// @param accepted the holes of the log
  SegmentWalk(StorageFile file, SegmentHeader segment, Holes accepted, Progress progress) {
    this.file = file;
    this.segment = segment;
    this.accepted = accepted;
    this.progress = progress;
    reader = new FrameReader(file, segment);
    crc = segment.chainStart();
    nextLsn = segment.firstLsn();
    wholeCrc = crc;
    wholeLsn = nextLsn - 1;
  }

  /// Walks a segment that has a successor.
  ///
  /// @param next the successor, which states where the frames end
  Found toStatedEnd(SegmentHeader next) throws IOException {
    end = next.previousEnd();
    largestLsn = next.previousLastLsn();
    vouchedLsn = largestLsn;
    walk();
    boolean reached = offset == end && !inBatch;
    if (!reached) {
      note(wholeEnd, wholeCrc, end, next.previousCrc(), largestLsn);
    } else if (crc != next.previousCrc() || nextLsn <= largestLsn) {
      note(end, crc, end, next.previousCrc(), largestLsn);
    }
    return new Found(List.copyOf(damage), end, next.previousCrc(), largestLsn);
  }

  /// Walks a segment whose end nobody states: to where the frames stop, and on behind damage as
  /// long as what was promised is missing.
  ///
  /// @param promisedLsn what begins at most one behind this is vouched for
  /// @param atMostLsn no record above this counts
  Found toTail(long promisedLsn, long atMostLsn) throws IOException {
    end = Math.min(file.size(), segment.limit());
    largestLsn = atMostLsn;
    vouchedLsn = promisedLsn;
    walk();
    return new Found(List.copyOf(damage), wholeEnd, wholeCrc, wholeLsn);
  }

  private void walk() throws IOException {
    while (offset < end) {
      AcceptedHole hole = inBatch ? null : accepted.at(segment.number(), offset);
      if (hole != null && hole.toByte() <= end && hole.toByte() != passedTo) {
        pass(hole);
      } else if (!step() && !resynchronise()) {
        return;
      }
    }
  }

  private void pass(AcceptedHole hole) throws CorruptWalException {
    if (hole.fromLsn() > nextLsn) { // what is missing before it was not part of it
      note(offset, crc, offset, crc, hole.fromLsn() - 1);
    }
    passedTo = hole.toByte();
    progress.passed(hole);
    goTo(hole.toByte(), hole.crcAfter(), hole.toLsn() + 1);
  }

  private void goTo(long newOffset, int newCrc, long newNextLsn) {
    progress.verified(newOffset - offset);
    offset = newOffset;
    crc = newCrc;
    nextLsn = newNextLsn;
    inBatch = false;
    sealed = false;
    wholeEnd = offset;
    wholeCrc = crc;
    wholeLsn = nextLsn - 1;
  }

  private boolean step() throws IOException {
    if (reader.read(offset) != FrameReader.Found.FRAME) {
      return false;
    }
    FrameHeader frame = reader.header();
    checkKnown(frame, offset);
    if (frame.previousCrc != crc
        || frame.firstLsn != nextLsn
        || sealed
        || frame.begins() == inBatch
        || !fits(frame, offset)) {
      return false;
    }
    show();
    sealed = frame.kind == FrameLayout.KIND_SEAL;
    offset += frame.frameBytes();
    crc = frame.headerCrc;
    nextLsn += frame.records;
    inBatch = frame.kind == FrameLayout.KIND_RECORDS && !frame.isLast();
    if (!inBatch) {
      wholeEnd = offset;
      wholeCrc = crc;
      wholeLsn = nextLsn - 1;
    }
    progress.verified(frame.frameBytes());
    return true;
  }

  // The end of a batch decides whether it was ever there; the reader has then gone further.
  private void show() throws IOException {
    if (!inBatch) {
      FrameHeader frame = reader.header();
      boolean several =
          progress.wantsWholeBatches() && frame.kind == FrameLayout.KIND_RECORDS && !frame.isLast();
      shown = !several || isWhole(offset);
      if (several && reader.read(offset) != FrameReader.Found.FRAME) {
        throw new IOException(file.name() + " changes while it is read, at byte " + offset);
      }
    }
    if (shown) {
      progress.frame(segment, offset, reader);
    }
  }

  private boolean fits(FrameHeader frame, long at) {
    return at + frame.frameBytes() <= end && frame.lastLsn() <= largestLsn;
  }

  private void checkKnown(FrameHeader frame, long at) throws CorruptWalException {
    if (frame.isTooNew()) {
      throw TailScan.tooNew(frame, file.name(), at);
    }
  }

  // Goes to the next place where something whole begins; false if there is none.
  private boolean resynchronise() throws IOException {
    long there = file.size(); // where frames must end may be said to be far behind that
    for (long at = wholeEnd; at < end; at = following(at, there)) {
      AcceptedHole hole = at == wholeEnd ? null : accepted.at(segment.number(), at);
      if (hole != null && hole.toByte() <= end && hole.fromLsn() > wholeLsn) {
        note(wholeEnd, wholeCrc, at, 0, hole.fromLsn() - 1);
        goTo(at, 0, hole.fromLsn());
        return true;
      }
      if (!reader.hasMagic(at) || !isWhole(at)) {
        continue;
      }
      boolean _ = reader.readHeader(at) == FrameReader.Found.HEADER_ONLY;
      FrameHeader frame = reader.header();
      int previousCrc = frame.previousCrc;
      long firstLsn = frame.firstLsn;
      note(wholeEnd, wholeCrc, at, previousCrc, firstLsn - 1);
      goTo(at, previousCrc, firstLsn);
      return true;
    }
    return false;
  }

  // Behind the last byte nothing begins but what was accepted as lost.
  private long following(long at, long there) {
    long next = at + FrameLayout.ALIGNMENT;
    return next < there ? next : accepted.nextAt(segment.number(), next);
  }

  // Whether a frame, or a batch of several, begins here that may be kept.
  private boolean isWhole(long from) throws IOException {
    if (reader.read(from) != FrameReader.Found.FRAME) {
      return false;
    }
    FrameHeader frame = reader.header();
    checkKnown(frame, from);
    // No LSN is missing between the last whole frame and one that follows it.
    long reached = Math.max(vouchedLsn, wholeLsn);
    if (!frame.begins() || frame.firstLsn <= wholeLsn || frame.firstLsn - 1 > reached) {
      return false;
    }
    long at = from;
    while (fits(frame, at)) {
      if (frame.kind != FrameLayout.KIND_RECORDS || frame.isLast()) {
        return true;
      }
      int before = frame.headerCrc;
      long lsn = frame.lastLsn() + 1;
      at += frame.frameBytes();
      if (reader.read(at) != FrameReader.Found.FRAME
          || frame.previousCrc != before
          || frame.firstLsn != lsn
          || frame.kind != FrameLayout.KIND_RECORDS
          || frame.isFirst()) {
        return false;
      }
    }
    return false;
  }

  private void note(long fromByte, int crcBefore, long toByte, int crcAfter, long toLsn)
      throws CorruptWalException {
    AcceptedHole hole =
        new AcceptedHole(
            segment.number(),
            wholeLsn + 1,
            Math.max(toLsn, wholeLsn),
            fromByte,
            toByte,
            crcAfter,
            Hole.Reason.DAMAGED);
    damage.add(new Damage(hole, crcBefore));
    progress.damaged(hole);
    if (damage.size() > HoleFrames.MAX) {
      throw HoleFrames.tooMany(file.name());
    }
  }
}
