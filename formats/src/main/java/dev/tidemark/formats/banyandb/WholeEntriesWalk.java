package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.banyandb.BatchLayout.LEAST_ENTRY_BYTES;
import static dev.tidemark.formats.banyandb.BatchLayout.LENGTH_BYTES;

import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import java.io.IOException;

/// Walks a segment from one whole entry to the next, whatever lies between.
///
/// Lengths of batches only say where entries are; one that does not fit its entries is told of and
/// otherwise passed over. Behind an entry that cannot be decoded it goes on where its length, or
/// its batch's, leads, if that is to another entry or to the end; otherwise at the next place in
/// the file from which an entry can be decoded. Nothing in the format says that such a place was
/// meant as one: a segment that was stored as a value would be taken for part of the log.
///
/// Bytes that look like entries, and are none, are decoded in vain; after [#MISTAKEN_BYTES] of
/// them, and [#MISTAKEN_PER_BYTE] times what was walked, it gives up, or a file could be made that
/// takes the square of its length.
final class WholeEntriesWalk extends Walk {
  static final long MISTAKEN_BYTES = 64 << 20;
  static final int MISTAKEN_PER_BYTE = 4;

  // The longest entry that is searched for; what is where it should be may be longer.
  private static final long SEARCHED_BYTES = 16 << 20;

  // Whether the batch's end is known. Owned by the caller's thread.
  private boolean batchKnown;

  WholeEntriesWalk(FileWindow window, DamageListener damage) {
    super(window, damage);
  }

  @Override
  boolean next() throws IOException {
    while (window.remaining() > 0) {
      if (inBatch ? entryHere() : batchHere()) {
        return true;
      }
      Kind kind = kind();
      String reason = refusal;
      if (inBatch ? batchHere() : entryHere()) {
        return true;
      }
      if ((batchKnown || !inBatch) && isCut()) {
        return stop(reason);
      }
      if (mistaken > MISTAKEN_BYTES + MISTAKEN_PER_BYTE * window.offset()) {
        return giveUp(Kind.CORRUPTION, "too much that looks like entries and is none");
      }
      if (!jump(kind, reason) && !search(kind, reason)) {
        return giveUp(kind, reason);
      }
    }
    return batchKnown && end();
  }

  private boolean batchHere() throws IOException {
    LogEntry entry = entryAt(LENGTH_BYTES);
    if (entry == null) {
      return false;
    }
    if (inBatch && batchKnown) {
      tell(Kind.CORRUPTION, 0, "a batch begins before the one before it ends, at byte " + batchEnd);
    }
    beginBatch();
    batchKnown = true;
    showWithin(entry);
    return true;
  }

  private boolean entryHere() throws IOException {
    LogEntry entry = entryAt(0);
    if (entry == null) {
      return false;
    }
    if (!inBatch) {
      tell(Kind.CORRUPTION, 0, "an entry where a batch should begin");
      inBatch = true;
      batchKnown = false;
    }
    showWithin(entry);
    return true;
  }

  private void showWithin(LogEntry entry) {
    long entryEnd = window.offset() + LENGTH_BYTES + window.int64LittleEndian(0);
    if (batchKnown && entryEnd > batchEnd) {
      tell(
          Kind.OVERLOOKED,
          0,
          "a batch that ends at byte " + batchEnd + " holds an entry that ends at " + entryEnd);
      batchKnown = false;
    }
    show(entry);
    inBatch = !batchKnown || entryEnd != batchEnd;
  }

  /// Passes an entry that cannot be decoded, or its batch, if the length leads to something.
  private boolean jump(Kind kind, String reason) throws IOException {
    if (!window.has(LENGTH_BYTES)) {
      return false;
    }
    boolean fresh = !inBatch;
    if (fresh) {
      if (!window.has(2 * LENGTH_BYTES)) {
        return false;
      }
      long batchBytes = window.int64LittleEndian(0);
      long entryBytes = window.int64LittleEndian(LENGTH_BYTES);
      return (!isMore(entryBytes, batchBytes)
              && jump(2 * LENGTH_BYTES, entryBytes, LENGTH_BYTES + batchBytes, kind, reason))
          || jump(LENGTH_BYTES, batchBytes, LENGTH_BYTES + batchBytes, kind, reason);
    }
    long batchLeft = batchKnown ? batchEnd - window.offset() : 0;
    return jump(LENGTH_BYTES, window.int64LittleEndian(0), batchLeft, kind, reason)
        || (batchKnown && jump(0, batchLeft, batchLeft, kind, reason));
  }

  private boolean jump(int lengths, long bytes, long batchLeft, Kind kind, String reason)
      throws IOException {
    if (isMore(bytes, Math.min(SEARCHED_BYTES, window.remaining() - lengths))) {
      return false;
    }
    int over = (int) (lengths + bytes);
    if (over == 0
        || (over < window.remaining()
            && entryAt(over) == null
            && entryAt(over + LENGTH_BYTES) == null)
        || !window.has(over)) {
      return false;
    }
    tell(kind, window.offset() + over - frame, reason);
    long end = window.offset() + batchLeft;
    window.pass(over);
    frame = window.offset();
    inBatch = frame != end;
    batchKnown = frame <= end;
    batchEnd = end;
    return true;
  }

  /// Passes everything up to the next place where a batch begins, or an entry.
  private boolean search(Kind kind, String reason) throws IOException {
    while (window.has(2 * LENGTH_BYTES + LEAST_ENTRY_BYTES)) {
      long bytes = window.int64LittleEndian(LENGTH_BYTES);
      if (bytes >= LEAST_ENTRY_BYTES
          && bytes <= SEARCHED_BYTES
          && mistaken <= MISTAKEN_BYTES + MISTAKEN_PER_BYTE * window.offset()) {
        LogEntry entry = entryAt(LENGTH_BYTES);
        if (entry != null && entry.count() > 0) {
          found(bytes, kind, reason);
          return true;
        }
      }
      window.pass(1);
    }
    return false;
  }

  private void found(long entryBytes, Kind kind, String reason) {
    long batchBytes = window.int64LittleEndian(0);
    inBatch =
        batchBytes < LENGTH_BYTES + entryBytes || batchBytes > window.remaining() - LENGTH_BYTES;
    batchKnown = false;
    if (inBatch) {
      window.pass(LENGTH_BYTES);
    }
    tell(kind, window.offset() - frame, reason);
    frame = window.offset();
  }

  private boolean giveUp(Kind kind, String reason) {
    tell(kind, window.fileBytes() - frame, reason);
    return false;
  }
}
