package dev.tidemark.formats.banyandb;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FileWindow;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads a segment of BanyanDB 0.5.0. A record is one entry: what a batch holds of one series.
/// Batches themselves are not records, as the system does not keep them together either: of one
/// that was cut it uses the entries that are whole.
///
/// Nothing in the format has a checksum. What is found is that lengths do not fit each other or the
/// file, that timestamps, values and their count disagree, and that a block is not Snappy's. A
/// wrong bit in a value, a timestamp or a series' name is not found, by nobody.
///
/// With [Reading#AS_THE_SYSTEM] it shows what version 0.5.0 would have read up to the first byte
/// that made it refuse to start, or panic; that version then used nothing of the whole directory.
/// One thing it would have accepted is refused: timestamps that differ in more than 64 bits, which
/// no writer makes. With [Reading#ALL_THAT_IS_WHOLE] it shows every entry that can be decoded, in
/// front of damage and behind it.
///
/// For one thread at a time; see [RecordReader]. Memory: the longest entry that is there, and its
/// values unpacked ([LogEntry#decode]).
public final class LogReader implements RecordReader {
  private final FileWindow window;
  private final Walk walk;

  // Owned by the caller's thread.
  private boolean ended;

  /// @param file at its beginning; closed with this reader
  /// @param fileBytes how long it is: nothing behind that is read
  /// @param reading what becomes of entries behind damage
  /// @param damage is told what is damaged
  public LogReader(InputStream file, long fileBytes, Reading reading, DamageListener damage) {
    window = new FileWindow(file, fileBytes);
    walk =
        switch (reading) {
          case AS_THE_SYSTEM -> new SystemWalk(window, damage);
          case ALL_THAT_IS_WHOLE -> new WholeEntriesWalk(window, damage);
        };
  }

  @Override
  public boolean next() throws IOException {
    ended = ended || !walk.next();
    if (ended) {
      walk.shown = null;
    }
    return !ended;
  }

  @Override
  public ByteBuffer payload() {
    LogEntry _ = entry();
    return walk.payload;
  }

  /// {@return the record, taken apart; its series is good until [#next()] is called}
  public LogEntry entry() {
    @Nullable LogEntry shown = walk.shown;
    if (shown == null) {
      throw new IllegalStateException("no record: next() was not called, or returned false");
    }
    return shown;
  }

  /// {@return where the record begins: at its own length, or at its batch's if it is the first}
  @Override
  public long offset() {
    return walk.shownFrom;
  }

  @Override
  public long endOffset() {
    return walk.frame;
  }

  @Override
  public void close() throws IOException {
    window.close();
  }
}
