package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.banyandb.BatchLayout.LENGTH_BYTES;

import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import java.io.IOException;

/// Walks a segment as version 0.5.0 does when it starts, up to where it ends in an error or a
/// panic.
///
/// It keeps the whole entries of a batch that was cut, and compares a batch's length with that of
/// the whole file: what begins with a longer one is not looked at. It goes to the next batch only
/// where an entry ends exactly at the end of its batch. Source: apache/skywalking-banyandb v0.5.0,
/// `pkg/wal/wal.go`, `parseLogEntries`.
final class SystemWalk extends Walk {
  // Whether it was told that entries go on behind their batch. Owned by the caller's thread.
  private boolean overrunTold;

  SystemWalk(FileWindow window, DamageListener damage) {
    super(window, damage);
  }

  @Override
  boolean next() throws IOException {
    if (window.remaining() == 0) {
      return end();
    }
    if (!inBatch) {
      frame = window.offset();
      if (window.remaining() <= LENGTH_BYTES) {
        return stop("a batch of which no more than its length is there");
      }
      if (!window.has(LENGTH_BYTES)) {
        return stop("the file was cut while it was read");
      }
      beginBatch();
      overrunTold = false;
      if (batchEnd - window.offset() >= window.fileBytes()) {
        return unread();
      }
    }
    LogEntry entry = entryAt(0);
    if (entry == null) {
      return stop(refusal);
    }
    long entryEnd = window.offset() + LENGTH_BYTES + window.int64LittleEndian(0);
    if (entryEnd > batchEnd && !overrunTold) {
      overrunTold = true;
      tell(
          Kind.OVERLOOKED,
          0,
          "a batch that ends at byte " + batchEnd + " holds an entry that ends at " + entryEnd);
    }
    show(entry);
    inBatch = entryEnd != batchEnd;
    return true;
  }

  /// The system believes that the batch was cut and looks at none of it. Whether it is one shows in
  /// its entries.
  private boolean unread() throws IOException {
    long begin = frame;
    long fileBytes = window.fileBytes();
    String reason =
        "a batch of "
            + Long.toUnsignedString(batchEnd - window.offset())
            + " bytes in a file of "
            + fileBytes
            + ", of which BanyanDB reads nothing";
    boolean cut = true;
    while (cut && window.remaining() > 0) {
      if (entryAt(0) == null) {
        cut = isCut();
        break;
      }
      window.pass((int) (LENGTH_BYTES + window.int64LittleEndian(0)));
    }
    frame = begin;
    tell(cut ? Kind.TORN_TAIL : Kind.OVERLOOKED, fileBytes - begin, reason);
    return false;
  }
}
