package dev.tidemark.wal.internal;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Walks the records of an open log. It reads files of its own, so that an interrupt harms nobody
/// else, and it reads nothing above the durable LSN: what is at or below that is whole, or the log
/// is corrupt.
final class LogCursor implements Cursor {
  private final OpenLog log;
  private volatile long
      nextLsn; // written by the cursor's thread; read by whoever moves the low-water mark
  private volatile boolean closed; // set once

  // All below: owned by the cursor's thread.
  private SegmentHeader segment;
  private @Nullable StorageFile file;
  private @Nullable FrameReader reader;
  private long offset;
  private long passedTo = -1; // the end of the hole passed last, not to be passed again
  private long walkedLsn; // the last one before the offset
  private int chain;
  private long seenDurableLsn; // the durable LSN when the window was filled
  private final FrameRecords records; // of the current frame
  private boolean onRecord;
  private @Nullable CorruptWalException corruption;

  /// @param segment where `fromLsn` is, or the first one behind it
  LogCursor(OpenLog log, SegmentHeader segment, long fromLsn) {
    this.log = log;
    this.segment = segment;
    records = new FrameRecords(log.codecs(), this::corrupt);
    nextLsn = Math.max(fromLsn, segment.firstLsn()); // what is between was discarded by a recovery
  }

  /// {@return the smallest LSN it may still deliver}
  long position() {
    return nextLsn;
  }

  @Override
  public boolean next() throws IOException {
    onRecord = false;
    while (true) {
      checkOpen();
      if (records.hasNext()) {
        if (stepInFrame()) {
          onRecord = true;
          return true;
        }
        continue;
      }
      if (log.durableLsn() < nextLsn || !nextFrame()) {
        return false;
      }
    }
  }

  // Goes to the next record of the frame; false if it is void or below what is wanted.
  private boolean stepInFrame() throws CorruptWalException {
    boolean isVoid = !records.next();
    boolean wanted = records.lsn() >= nextLsn;
    if (wanted) {
      nextLsn = records.lsn() + 1;
    }
    return wanted && !isVoid;
  }

  // Goes to the next frame with records; false if none is durable yet.
  private boolean nextFrame() throws IOException {
    while (true) {
      FrameReader frames = reader();
      long end = endOfSegment();
      if (end >= 0 && passHole(end)) {
        continue;
      }
      if (end >= 0 && offset >= end) {
        if (!nextSegment()) {
          return false;
        }
        continue;
      }
      if (seenDurableLsn < nextLsn) {
        seenDurableLsn = log.durableLsn();
        frames.refresh();
        if (seenDurableLsn < nextLsn) {
          return false;
        }
      }
      FrameReader.Found found = read(frames);
      FrameHeader frame = frames.header();
      if (found != FrameReader.Found.FRAME || frame.previousCrc != chain) {
        // Asked after reading: a file is given to another life only once the segment is gone.
        if (!isThere() || (end < 0 && endOfSegment() >= 0)) {
          continue; // removed meanwhile; or sealed, and this is its end
        }
        log.checkNotClosed(); // or its files are those of the log that was reopened
        throw corrupt(
            found == FrameReader.Found.FRAME
                ? "does not follow the frame before"
                : "is damaged, or missing");
      }
      if (frame.isTooNew()) {
        throw corrupt("is of a kind that only a newer program knows");
      }
      // Behind a hole LSNs are not counted, and must ascend all the same.
      if (frame.firstLsn <= walkedLsn || (passedTo < 0 && frame.firstLsn != walkedLsn + 1)) {
        throw corrupt("names LSN " + frame.firstLsn + ", and the frame before " + walkedLsn);
      }
      boolean wanted = frame.records > 0 && frame.lastLsn() >= nextLsn;
      if (wanted) {
        records.enter(frame, frames.payload()); // may find no codec; then nothing has moved
      }
      offset += frame.frameBytes();
      chain = frame.headerCrc;
      walkedLsn = frame.lastLsn();
      if (wanted) {
        return true;
      }
    }
  }

  // Where files are channels an interrupt closes them, and this one is the cursor's own: the next
  // call opens it again, and goes on where this one was.
  private FrameReader.Found read(FrameReader frames) throws IOException {
    try {
      return frames.read(offset);
    } catch (IOException e) {
      closeFile();
      reader = null;
      throw e;
    }
  }

  // Goes behind a hole that was accepted; true if there was one here.
  private boolean passHole(long end) {
    AcceptedHole hole = log.state().holes().at(segment.number(), offset);
    if (hole == null || hole.toByte() > end || hole.toByte() == passedTo) {
      return false;
    }
    passedTo = hole.toByte();
    offset = hole.toByte();
    chain = hole.crcAfter();
    walkedLsn = Math.max(walkedLsn, hole.toLsn());
    nextLsn = Math.max(nextLsn, hole.toLsn() + 1);
    return true;
  }

  // Where the segment's frames end, or -1 if it is active.
  private long endOfSegment() {
    LogState state = log.state();
    int index = state.indexOfNumber(segment.number());
    return index < 0 || index == state.segments().size() - 1
        ? -1
        : state.segments().get(index + 1).previousEnd();
  }

  private boolean nextSegment() throws IOException {
    LogState state = log.state();
    int index = state.indexOfNumber(segment.number());
    if (index < 0) {
      return true; // removed meanwhile; whoever reads on finds out where
    }
    SegmentHeader next = state.segments().get(index + 1);
    if (offset != next.previousEnd() || chain != next.previousCrc()) {
      throw corrupt("is missing: the segment does not end as the next one says");
    }
    enter(next);
    if (next.firstLsn() > nextLsn) {
      nextLsn = next.firstLsn(); // what is between was discarded by a recovery
    }
    return log.durableLsn() >= nextLsn;
  }

  private void enter(SegmentHeader next) {
    segment = next;
    closeFile();
    reader = null;
  }

  // Whether the segment is part of the log, with its records.
  private boolean isThere() {
    LogState state = log.state();
    return state.indexOfNumber(segment.number()) >= 0 && !state.isGone(segment);
  }

  // A segment goes only when everything in it is below what this cursor may still deliver: then
  // the cursor was at its end, and goes on in the oldest there is. Unless retention overtook it.
  // One whose records were removed by hand is a hole, and the cursor goes on behind it.
  private void goToOneThatIsThere() throws LsnGoneException {
    LogState state = log.state();
    int index = state.indexOfNumber(segment.number());
    if (index < 0 && nextLsn < state.lowWaterLsn()) {
      throw new LsnGoneException(nextLsn, log.firstLsn());
    }
    index = Math.max(0, index);
    while (state.isGone(state.segments().get(index))) {
      index++; // the active one is never gone
    }
    SegmentHeader there = state.segments().get(index);
    if (there.number() != segment.number()) {
      enter(there);
      nextLsn = Math.max(nextLsn, there.firstLsn());
    }
  }

  private FrameReader reader() throws IOException {
    FrameReader frames = isThere() ? reader : null;
    while (frames == null) {
      goToOneThatIsThere();
      try {
        file = log.storage().openForRead(SegmentHeader.fileName(segment.number()));
      } catch (NoSuchFileException e) {
        if (!isThere()) {
          continue;
        }
        throw e;
      }
      frames = new FrameReader(file, segment);
      reader = frames;
      offset = SegmentHeader.BYTES;
      passedTo = -1;
      chain = segment.chainStart();
      walkedLsn = segment.firstLsn() - 1;
      records.leave();
      seenDurableLsn = 0;
    }
    return frames;
  }

  private CorruptWalException corrupt(String reason) {
    LogState state = log.state();
    int index = state.indexOfNumber(segment.number());
    boolean active = index < 0 || index == state.segments().size() - 1;
    long to = active ? log.durableLsn() : state.lastLsn(index);
    CorruptWalException exception =
        new CorruptWalException(
                "the frame that holds LSN "
                    + nextLsn
                    + " "
                    + reason
                    + "; "
                    + CorruptWalException.ADVICE,
                SegmentHeader.fileName(segment.number()),
                offset,
                nextLsn,
                to)
            .in(log.storage().description());
    corruption = exception;
    return exception;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IllegalStateException("the cursor is closed");
    }
    log.checkNotClosed();
    if (corruption != null) {
      throw corruption;
    }
  }

  @Override
  public boolean next(Duration timeout) throws IOException, InterruptedException {
    if (next()) {
      return true;
    }
    Host host = log.host();
    long deadline = host.nanoTime() + Threads.nanos(timeout);
    while (true) {
      long left = deadline - host.nanoTime();
      boolean more = log.awaitDurableBeyond(nextLsn - 1, Duration.ofNanos(Math.max(0, left)));
      if (next()) {
        return true;
      }
      if (!more && left <= 0) {
        return false;
      }
    }
  }

  @Override
  public long lsn() {
    checkOnRecord();
    return records.lsn();
  }

  @Override
  public MemorySegment payload() {
    checkOnRecord();
    return records.bytes();
  }

  private void checkOnRecord() {
    if (!onRecord) {
      throw new IllegalStateException("the cursor is not on a record; call next first");
    }
  }

  private void closeFile() {
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

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      onRecord = false;
      closeFile();
      log.closed(this);
    }
  }
}
