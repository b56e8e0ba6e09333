package dev.tidemark.formats.banyandb;

import static dev.tidemark.formats.banyandb.BatchLayout.LEAST_ENTRY_BYTES;
import static dev.tidemark.formats.banyandb.BatchLayout.LENGTH_BYTES;
import static dev.tidemark.formats.banyandb.BatchLayout.MAX_SHORT;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What both ways to walk a segment have in common: they try what stands somewhere as an entry, and
/// tell a batch that was cut from anything else. For one thread at a time.
abstract class Walk {
  // Of an entry, as much as its lengths can need.
  private static final long HEAD_BYTES = 2 * (2 + MAX_SHORT) + 4 + 5;

  final FileWindow window;
  private final DamageListener damage;

  // All owned by the caller's thread. The bytes of the entry shown, and where its framing begins.
  @Nullable LogEntry shown;
  ByteBuffer payload = ByteBuffer.allocate(0);
  long shownFrom;

  /// Where the framing of what comes next begins: its own length, or that of the batch before it.
  long frame;

  /// Whether a batch has begun whose end was not reached.
  boolean inBatch;

  /// Where the batch ends, as its length says: perhaps behind the file's end.
  long batchEnd;

  /// Why [#entryAt] refused what it was asked for last.
  String refusal = "";

  /// Whether that was because of a length beyond the file, which makes the system end without a
  /// word.
  boolean overlooked;

  /// How many bytes were taken for an entry and were none.
  long mistaken;

  Walk(FileWindow window, DamageListener damage) {
    this.window = window;
    this.damage = damage;
  }

  /// Goes to the next entry.
  ///
  /// @return whether there is one
  abstract boolean next() throws IOException;

  /// {@return the entry whose length stands at a place, or null: then [#refusal] says why}
  ///
  /// @param at the place, from the window's beginning
  final @Nullable LogEntry entryAt(int at) throws IOException {
    overlooked = false;
    if (!window.has((long) at + LENGTH_BYTES)) {
      refusal = "an entry's length is cut short";
      return null;
    }
    long bytes = window.int64LittleEndian(at);
    long left = window.remaining() - at - LENGTH_BYTES;
    if (isMore(bytes, left)) {
      overlooked = true;
      refusal = entryOf(bytes) + ", of which only " + left + " are there";
      return null;
    }
    int body = at + LENGTH_BYTES;
    if (bytes < LEAST_ENTRY_BYTES || bytes > Integer.MAX_VALUE - 16L - body) {
      refusal = entryOf(bytes);
      return null;
    }
    int head = (int) Math.min(bytes, HEAD_BYTES);
    try {
      if (!window.has((long) body + head)) {
        throw new FormatException("the file was cut while it was read", 0);
      }
      LogEntry.precheck(window.bytes(body, head), bytes);
      if (!window.has(body + bytes)) {
        throw new FormatException("the file was cut while it was read", 0);
      }
      mistaken += bytes;
      LogEntry entry = LogEntry.decode(window.bytes(body, (int) bytes));
      mistaken -= bytes;
      return entry;
    } catch (FormatException malformed) {
      refusal = entryOf(bytes) + " in which " + malformed.getMessage();
      return null;
    }
  }

  /// Begins the batch whose length is at the window's beginning.
  final void beginBatch() {
    long bytes = window.int64LittleEndian(0);
    frame = window.offset();
    window.pass(LENGTH_BYTES);
    inBatch = true;
    long most = Long.MAX_VALUE - window.offset();
    batchEnd = window.offset() + (Long.compareUnsigned(bytes, most) > 0 ? most : bytes);
  }

  /// Shows an entry at the window's beginning, and passes it.
  ///
  /// @param entry what [#entryAt] found there
  final void show(LogEntry entry) {
    int bytes = (int) window.int64LittleEndian(0);
    shown = entry;
    shownFrom = frame;
    payload = window.bytes(LENGTH_BYTES, bytes);
    window.pass(LENGTH_BYTES + bytes);
    frame = window.offset();
  }

  /// {@return whether what cannot be read at the window's beginning is all that is left of a batch
  /// that was cut: it has that batch's end, or this entry's within it, behind the file's}
  final boolean isCut() throws IOException {
    long left = window.remaining();
    if (inBatch) {
      return batchEnd > window.fileBytes()
          && (!window.has(LENGTH_BYTES)
              || (isMore(window.int64LittleEndian(0), left - LENGTH_BYTES)
                  && !isMore(
                      window.int64LittleEndian(0), batchEnd - window.offset() - LENGTH_BYTES)));
    }
    if (!window.has(LENGTH_BYTES)) {
      return true;
    }
    long batch = window.int64LittleEndian(0);
    if (!isMore(batch, left - LENGTH_BYTES)) {
      return false;
    }
    return !window.has(2 * LENGTH_BYTES)
        || (isMore(window.int64LittleEndian(LENGTH_BYTES), left - 2 * LENGTH_BYTES)
            && !isMore(window.int64LittleEndian(LENGTH_BYTES), batch - LENGTH_BYTES));
  }

  /// {@return what the system makes of what [#entryAt] refused last, if it was not a cut}
  final Kind kind() {
    return overlooked ? Kind.OVERLOOKED : Kind.CORRUPTION;
  }

  /// Tells of damage from [#frame] on.
  final void tell(Kind kind, long bytes, String reason) {
    damage.found(new Damage(kind, frame, bytes, reason));
  }

  /// {@return false, after telling that nothing more is read from [#frame] on}
  final boolean stop(String reason) throws IOException {
    tell(isCut() ? Kind.TORN_TAIL : kind(), window.fileBytes() - frame, reason);
    return false;
  }

  /// {@return false, after telling if the file ends between two entries of a batch}
  final boolean end() {
    if (inBatch && window.offset() < batchEnd) {
      tell(Kind.TORN_TAIL, 0, "the file ends behind an entry, before the batch does");
    }
    return false;
  }

  static boolean isMore(long number, long than) {
    return Long.compareUnsigned(number, than) > 0;
  }

  private static String entryOf(long bytes) {
    return "an entry of " + Long.toUnsignedString(bytes) + " bytes";
  }
}
