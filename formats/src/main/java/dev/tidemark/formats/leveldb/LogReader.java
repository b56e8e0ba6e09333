package dev.tidemark.formats.leveldb;

import static dev.tidemark.formats.leveldb.LogLayout.FIRST;
import static dev.tidemark.formats.leveldb.LogLayout.FULL;
import static dev.tidemark.formats.leveldb.LogLayout.LAST;
import static dev.tidemark.formats.leveldb.LogLayout.MIDDLE;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Reads a log file of LevelDB's by LevelDB's own rules (google/leveldb, db/log_reader.cc): shows
/// the records that LevelDB would replay, and reports what LevelDB would report, with its words and
/// counts.
///
/// A file that ends in the middle of a record is what a crash leaves, and no damage to LevelDB; it
/// is told as [Damage.Kind#TORN_TAIL]. Behind any other damage LevelDB goes on with the next block,
/// so a record may be missing between two that are shown. Two things LevelDB passes over in silence
/// are told as [Damage.Kind#OVERLOOKED]: zeros with something behind them, and a length that
/// reaches behind the end of the file although whole records follow.
///
/// Two rules are not LevelDB's. Where the file cannot be read, LevelDB reports a block and takes
/// that for the end of the log; here it is reported, and [#next()] throws. A record that is larger
/// than [#MOST_RECORD_BYTES] is told as damage, where LevelDB reads whatever memory can hold.
public final class LogReader implements RecordReader {
  /// What a record may have at most, in bytes: 1 GiB.
  public static final int MOST_RECORD_BYTES = 1 << 30;

  private static final byte[] NONE = {};

  private final FragmentReader fragments;
  private final DamageListener damage;
  private final long from;
  private final int mostBytes;

  // All owned by the caller's thread.
  private byte[] joined = NONE;
  // Of what is too large, nothing is held.
  private long joinedBytes;
  private boolean inRecord;
  private long recordOffset;
  // Whether fragments are passed over whose beginning lies before where reading begins.
  private boolean resyncing;
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long offset;
  private long endOffset;

  /// A reader of a whole file.
  ///
  /// @param in the file from its first byte; closed by [#close()]
  /// @param damage is told what is damaged
  public LogReader(InputStream in, DamageListener damage) {
    this(in, damage, 0);
  }

  /// A reader of the records that begin at an offset or behind it.
  ///
  /// @param in the file from its first byte; closed by [#close()]
  /// @param damage is told what is damaged behind the offset
  /// @param from the offset, in bytes; one behind the end shows nothing
  public LogReader(InputStream in, DamageListener damage, long from) {
    this(in, damage, from, MOST_RECORD_BYTES);
  }

  /// @param mostBytes what a record may have at most
  LogReader(InputStream in, DamageListener damage, long from, int mostBytes) {
    if (from < 0) {
      throw new IllegalArgumentException("a negative offset: " + from);
    }
    this.mostBytes = mostBytes;
    this.damage = damage;
    this.from = from;
    resyncing = from > 0;
    fragments = new FragmentReader(in, this::report, from);
  }

  @Override
  public boolean next() throws IOException {
    inRecord = false;
    joinedBytes = 0;
    while (true) {
      switch (fragments.next()) {
        case FragmentReader.END -> {
          tellEnd();
          return false;
        }
        case FragmentReader.BAD -> {
          dropJoined();
          tellDropped();
        }
        default -> {
          if (!passesOver() && take()) {
            return true;
          }
        }
      }
    }
  }

  @Override
  public ByteBuffer payload() {
    return payload;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public void close() throws IOException {
    fragments.close();
  }

  /// The parts of a record that began before the offset.
  private boolean passesOver() {
    if (!resyncing) {
      return false;
    }
    int type = fragments.type();
    resyncing = type == MIDDLE;
    return type == MIDDLE || type == LAST;
  }

  /// {@return whether a record is whole now}
  private boolean take() {
    switch (fragments.type()) {
      case FULL -> {
        dropBegun("partial record without end(1)");
        offset = fragments.offset();
        return show(fragments.payload());
      }
      case FIRST -> {
        dropBegun("partial record without end(2)");
        recordOffset = fragments.offset();
        joinedBytes = 0;
        inRecord = true;
        join();
      }
      case MIDDLE -> {
        if (inRecord) {
          join();
        } else {
          drop(fragments.length(), "missing start of fragmented record(1)");
        }
      }
      case LAST -> {
        if (inRecord) {
          join();
          return showJoined();
        }
        drop(fragments.length(), "missing start of fragmented record(2)");
      }
      default -> dropUnknown();
    }
    return false;
  }

  private boolean show(ByteBuffer record) {
    payload = record;
    endOffset = fragments.endOffset();
    return true;
  }

  private boolean showJoined() {
    if (joinedBytes > mostBytes) {
      report(
          new Damage(
              Damage.Kind.CORRUPTION,
              recordOffset,
              fragments.endOffset() - recordOffset,
              "a record of " + joinedBytes + " bytes, which is more than is read here"));
      inRecord = false;
      return false;
    }
    offset = recordOffset;
    return show(ByteBuffer.wrap(joined, 0, (int) joinedBytes));
  }

  private void join() {
    int from = (int) Math.min(joinedBytes, mostBytes);
    int length = fragments.length();
    joinedBytes += length;
    if (joinedBytes > mostBytes) {
      joined = NONE;
      return;
    }
    if (joinedBytes > joined.length) {
      long grown = Math.max(2L * joined.length, joinedBytes);
      joined = Arrays.copyOf(joined, (int) Math.min(mostBytes, grown));
    }
    ByteBuffer fragment = fragments.payload();
    fragment.get(fragment.position(), joined, from, length);
  }

  // An empty FIRST without an end was left by a defect of early writers, and is none.
  private void dropBegun(String reason) {
    if (inRecord && joinedBytes > 0) {
      report(new Damage(Damage.Kind.CORRUPTION, recordOffset, joinedBytes, reason));
    }
    inRecord = false;
  }

  private void dropJoined() {
    if (inRecord) {
      report(
          new Damage(
              Damage.Kind.CORRUPTION, recordOffset, joinedBytes, "error in middle of record"));
    }
    inRecord = false;
    joinedBytes = 0;
  }

  private void tellDropped() {
    Damage dropped = fragments.takeDropped();
    if (dropped != null) {
      report(dropped);
    }
  }

  private void dropUnknown() {
    long begin = inRecord ? recordOffset : fragments.offset();
    long bytes = fragments.length() + (inRecord ? joinedBytes : 0);
    report(
        new Damage(
            Damage.Kind.CORRUPTION, begin, bytes, "unknown record type " + fragments.type()));
    inRecord = false;
    joinedBytes = 0;
  }

  private void drop(long bytes, String reason) {
    report(new Damage(Damage.Kind.CORRUPTION, fragments.offset(), bytes, reason));
  }

  private void tellEnd() {
    Damage overlooked = fragments.takeDropped();
    long end = fragments.endOffset();
    long passed = overlooked == null ? fragments.tornOffset() : overlooked.offset();
    long begin = inRecord ? recordOffset : passed;
    if (overlooked != null) {
      report(new Damage(overlooked.kind(), begin, end - begin, overlooked.reason()));
    } else if (begin < end) {
      report(
          new Damage(
              Damage.Kind.TORN_TAIL,
              begin,
              end - begin,
              "the file ends in the middle of a record"));
    }
    inRecord = false;
    fragments.tellTornOnce();
  }

  private void report(Damage found) {
    if (found.offset() >= from) {
      damage.found(found);
    }
  }
}
