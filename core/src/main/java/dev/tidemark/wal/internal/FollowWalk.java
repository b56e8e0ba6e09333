package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// Walks the frames of a log that others write, up to what its files promise, and from segment to
/// segment. For one thread at a time.
///
/// ```
/// segment ─► walked ─────► promised, not yet walked ─────► perhaps torn, perhaps not yet there
///                   │                              │
///                walkedLsn                    promisedLsn, from the headers of frames further on
/// ```
///
/// A segment with a successor ends where that one's header says; everything before is whole. The
/// newest is walked only up to what its *own* frames and header promise: behind that may stand what
/// the next recovery cuts, and the promises of the segment after speak of other records.
///
/// What is not as promised is read once more, and then the list of segments: if the segment is no
/// longer in it, ends elsewhere, or has a hole by now, the LSN is looked for anew. If nothing has
/// changed it is corruption. A damaged header looks like one that is yet to come; so where frames
/// stop for long, or stop at bytes that are not zero, whatever stands behind is asked what it
/// promises. The writer changes the list before it touches a file, so bytes of a file's next life
/// are never taken for damage, and never for records: their checksums are not this segment's.
final class FollowWalk {
  /// What a step has come to.
  enum Step {
    /// Something has moved; look again.
    ON,
    /// The records of a frame are there.
    FOUND,
    /// Nothing is in sight.
    NOT_YET
  }

  private final LogReader reader;
  private final FollowedLog log;
  private final FrameRecords records;
  private final boolean beyondPromise;
  private final Standstill standstill = new Standstill(); // owned as what is below

  // All below: owned by the one thread that uses this.
  private long nextLsn;
  private long deliveredLsn; // or passed over as void; 0 before the first
  private @Nullable SegmentHeader segment; // null until it is known where `nextLsn` is
  private long indexedAt; // the changes of the list when `index` was looked for; -1 for never
  private int index; // of the segment in the list; -1 if it is not in it
  private @Nullable StorageFile file; // of the segment; null until it is read from
  private @Nullable FrameReader frames; // of the file, if that is not null
  private long offset;
  private long passedTo; // the end of the hole passed last, not to be passed again; -1 for none
  private int chain;
  private long walkedLsn; // the last LSN before `offset`
  private long wantedLsn; // must be in sight before the frame at `offset` is walked
  private long promisedLsn; // in this segment
  private long inSightLsn; // how far to go in the newest segment: what is promised, or is whole

  /// @param fromLsn the first LSN wanted
  /// @param beyondPromise whether to walk through what is whole and not promised
  FollowWalk(LogReader reader, FollowedLog log, long fromLsn, boolean beyondPromise) {
    this.reader = reader;
    this.log = log;
    this.beyondPromise = beyondPromise;
    records = new FrameRecords(reader.codecs(), reason -> corrupt("the frame " + reason));
    nextLsn = fromLsn;
  }

  /// {@return the records of the frame that was found last}
  FrameRecords records() {
    return records;
  }

  /// {@return the LSN that is wanted next}
  long nextLsn() {
    return nextLsn;
  }

  /// Says that a record was delivered, or passed over as void.
  void delivered(long lsn) {
    deliveredLsn = lsn;
    nextLsn = lsn + 1;
  }

  /// {@return the promised LSN of the segment it stands in; of the log, when nothing is in sight}
  long promisedLsn() {
    return promisedLsn;
  }

  /// {@return the last LSN that stands whole in the segment it stands in, promised or not}
  long wholeLsn() throws IOException {
    SegmentHeader current = segment;
    FrameReader open = current == null ? null : open(current);
    return open == null
        ? promisedLsn
        : Math.max(
            promisedLsn, PromiseScan.of(open, offset, chain, walkedLsn + 1, true).wholeLsn());
  }

  /// Goes to the next frame that holds what is wanted.
  ///
  /// @return false if there is none yet
  /// @throws LsnGoneException if what is wanted was removed
  /// @throws CorruptWalException if what was promised is damaged
  boolean next() throws IOException {
    while (true) {
      if (segment == null && !find()) {
        return false;
      }
      Step step = step();
      if (step != Step.ON) {
        return step == Step.FOUND;
      }
    }
  }

  private Step step() throws IOException {
    LogState state = log.state();
    SegmentHeader current = segment;
    if (state == null || current == null) {
      return Step.NOT_YET;
    }
    if (indexedAt != log.changes()) { // not at every frame
      indexedAt = log.changes();
      index = state.segments().indexOf(current);
    }
    if (index < 0) {
      leave();
      return Step.ON;
    }
    boolean sealed = index < state.segments().size() - 1;
    if (sealed) {
      SegmentHeader next = state.segments().get(index + 1);
      if (state.isGone(current)) {
        enter(next); // its records were removed: a hole
        return Step.ON;
      }
      if (passHole(state, current, next)) {
        return Step.ON;
      }
      if (offset >= next.previousEnd() || isPassedOver(next)) {
        return pass(next);
      }
      promisedLsn = next.previousLastLsn(); // all there is was synced before that was written
    } else if (inSightLsn < wantedLsn && !lookAhead(current)) {
      return Step.NOT_YET;
    } else if (inSightLsn < wantedLsn) {
      return Step.ON; // the list of segments has changed
    }
    return walk(current, sealed);
  }

  // Goes behind a hole that a salvage accepted; true if there was one here.
  private boolean passHole(LogState state, SegmentHeader current, SegmentHeader next) {
    AcceptedHole hole = state.holes().at(current.number(), offset);
    if (hole == null || hole.toByte() > next.previousEnd() || hole.toByte() == passedTo) {
      return false;
    }
    passedTo = hole.toByte();
    offset = hole.toByte();
    chain = hole.crcAfter();
    walkedLsn = Math.max(walkedLsn, hole.toLsn());
    nextLsn = Math.max(nextLsn, hole.toLsn() + 1);
    return true;
  }

  // Whether nothing in this segment is wanted: then its frames need not be read.
  private boolean isPassedOver(SegmentHeader next) {
    return next.previousLastLsn() < nextLsn && walkedLsn < next.previousLastLsn();
  }

  // Reads ahead for promises, and if there is none, for a successor; false if there is neither.
  private boolean lookAhead(SegmentHeader current) throws IOException {
    FrameReader open = open(current);
    if (open == null) {
      return true;
    }
    PromiseScan scan = PromiseScan.of(open, offset, chain, walkedLsn + 1, beyondPromise);
    promisedLsn = Math.max(promisedLsn, scan.promisedLsn());
    inSightLsn = beyondPromise ? Math.max(promisedLsn, scan.wholeLsn()) : promisedLsn;
    if (inSightLsn >= wantedLsn || log.lookAgain() || lookBehind(open, current, scan.end())) {
      return true;
    }
    if (scan.tooNew()) {
      throw corrupt("a frame is of a kind that only a newer program knows; use a newer program");
    }
    return false;
  }

  // Where frames have stopped for a while, finds out whether that is the end of the log.
  private boolean lookBehind(FrameReader open, SegmentHeader current, long stop)
      throws IOException {
    long now = reader.host().nanoTime();
    if (!standstill.isAt(stop)) {
      standstill.stoppedAt(stop, open.isZero(stop, FrameLayout.ALIGNMENT), now);
    }
    if (!standstill.isDue(now)) {
      return false;
    }
    promisedLsn = Math.max(promisedLsn, PromiseScan.behind(open, stop, current.limit()));
    inSightLsn = Math.max(inSightLsn, promisedLsn);
    return inSightLsn >= wantedLsn;
  }

  // Reads the frame at the offset, which was promised.
  private Step walk(SegmentHeader current, boolean sealed) throws IOException {
    FrameReader open = open(current);
    if (open == null) {
      return Step.ON;
    }
    if (!isNextFrame(open, sealed)) {
      open.refresh(); // it may have been read before it was written
      if (!isNextFrame(open, sealed)) {
        doubt(current, "the frame is damaged, or missing");
        return Step.ON;
      }
    }
    FrameHeader frame = open.header();
    if (frame.isTooNew()) {
      throw corrupt("a frame is of a kind that only a newer program knows; use a newer program");
    }
    if (!sealed && frame.lastLsn() > inSightLsn) {
      wantedLsn = frame.lastLsn();
      return Step.ON;
    }
    boolean found = frame.records > 0 && frame.lastLsn() >= nextLsn;
    if (found) {
      records.enter(frame, open.payload()); // may find no codec; then nothing has moved
    }
    offset += frame.frameBytes();
    chain = frame.headerCrc;
    walkedLsn = frame.lastLsn();
    wantedLsn = walkedLsn + 1;
    return found ? Step.FOUND : Step.ON;
  }

  // Behind a hole LSNs are not counted, but ascend, and stay below those of the next segment.
  private boolean isNextFrame(FrameReader open, boolean sealed) throws IOException {
    return open.read(offset) == FrameReader.Found.FRAME
        && open.header().previousCrc == chain
        && (passedTo < 0
            ? open.header().firstLsn == walkedLsn + 1
            : open.header().firstLsn > walkedLsn)
        && (!sealed || open.header().lastLsn() <= promisedLsn);
  }

  // ---- segments

  // Goes to the segment that holds the next LSN, or the first behind; false if there is none yet.
  private boolean find() throws IOException {
    LogState state = log.state();
    if (state == null) {
      log.lookAgain();
      state = log.state();
      if (state == null) {
        return false;
      }
    }
    SegmentHeader first = state.segments().getFirst();
    if (nextLsn <= first.previousLastLsn()) {
      throw new LsnGoneException(nextLsn, LogReader.firstLsn(state));
    }
    enter(state.segments().get(state.indexOf(nextLsn)));
    return true;
  }

  // Goes from the end of this segment to the next one.
  private Step pass(SegmentHeader next) throws IOException {
    SegmentHeader current = segment;
    if (current != null && offset >= next.previousEnd()) {
      boolean agrees =
          offset == next.previousEnd()
              && chain == next.previousCrc()
              && (passedTo >= 0 || walkedLsn == next.previousLastLsn());
      if (!agrees && deliveredLsn > next.previousLastLsn() && beyondPromise) {
        throw new LsnGoneException(next.previousLastLsn() + 1, next.previousLastLsn() + 1);
      }
      if (!agrees) {
        doubt(current, "the segment does not end as the next one says");
        return Step.ON;
      }
    }
    enter(next);
    return Step.ON;
  }

  private void enter(SegmentHeader next) {
    leave();
    segment = next;
    indexedAt = -1;
    offset = SegmentHeader.BYTES;
    passedTo = -1;
    chain = next.chainStart();
    walkedLsn = next.firstLsn() - 1;
    wantedLsn = next.firstLsn();
    promisedLsn = next.durableLsn();
    inSightLsn = promisedLsn;
    standstill.over();
    nextLsn = Math.max(nextLsn, next.firstLsn()); // what is between was discarded by a recovery
  }

  private void leave() {
    closeFile();
    segment = null;
    records.leave();
  }

  // Something is not as it was promised. Either the list of segments says why, or it is damage.
  private void doubt(SegmentHeader current, String reason) throws IOException {
    closeFile();
    long before = endOf(current);
    Holes holesBefore = holes();
    log.lookAgain();
    if (endOf(current) == before && holes().equals(holesBefore)) {
      throw corrupt(reason);
    }
  }

  private Holes holes() {
    LogState state = log.state();
    return state == null ? Holes.NONE : state.holes();
  }

  // Where a segment's frames end; -1 if it is the newest, -2 if it is not part of the log, -3 if
  // only its header is.
  private long endOf(SegmentHeader current) {
    LogState state = log.state();
    int place = state == null ? -1 : state.segments().indexOf(current);
    if (state == null || place < 0) {
      return -2;
    }
    if (state != null && state.isGone(current)) {
      return -3;
    }
    return place == state.segments().size() - 1
        ? -1
        : state.segments().get(place + 1).previousEnd();
  }

  // The frames of the segment, or null if its file is no longer there, which is found out next. If
  // it is another file by now, none of its frames is one of this segment.
  private @Nullable FrameReader open(SegmentHeader current) throws IOException {
    FrameReader ready = frames;
    if (file != null && ready != null) {
      return ready;
    }
    StorageFile opened;
    try {
      opened = reader.storage().openForRead(SegmentHeader.fileName(current.number()));
    } catch (NoSuchFileException _) {
      doubt(current, "the file is missing");
      return null;
    }
    file = opened;
    if (ready == null) {
      ready = new FrameReader(opened, current);
      frames = ready;
    } else {
      ready.enter(opened, current);
    }
    return ready;
  }

  private CorruptWalException corrupt(String reason) {
    SegmentHeader current = segment;
    String name = current == null ? "the log" : SegmentHeader.fileName(current.number());
    return new CorruptWalException(
            reason, name, offset, walkedLsn + 1, Math.max(walkedLsn + 1, promisedLsn))
        .in(reader.storage().description());
  }

  /// Lets go of the file until it is needed again; the place in it is kept.
  void closeFile() {
    StorageFile open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // It was open for reading alone; nothing is lost.
      }
    }
  }
}
