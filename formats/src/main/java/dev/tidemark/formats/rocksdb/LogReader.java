package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.FIRST;
import static dev.tidemark.formats.leveldb.LogLayout.FULL;
import static dev.tidemark.formats.leveldb.LogLayout.LAST;
import static dev.tidemark.formats.leveldb.LogLayout.MIDDLE;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// Reads a log file of RocksDB's as its own reader does (facebook/rocksdb, db/log_reader.cc), with
/// its words. Like that one, it goes on behind damage; what RocksDB then makes of the log is the
/// business of [RecoveredLog].
///
/// A file that was used again ends where its old fragments begin, or at its first damage, unless
/// everything is wanted.
/// - [Damage.Kind#TORN_TAIL]: the file ends in the middle of a record, which the mode may count as
///   damage or not; or, in a file that may be used again, bytes that are no fragment, and none of
///   this log follows. So does every log that is shorter than the file was before
/// - [Damage.Kind#OVERLOOKED]: zeros with something behind them, what cannot be decompressed, and
///   an end by another log number with more of this log behind it
/// - [Damage.Kind#CORRUPTION]: anything else; among it a record cut short by the end of the file
///   although whole fragments follow, whose length must be wrong
///
/// Compressed records are decompressed once they are whole, where RocksDB does it fragment by
/// fragment; bytes of damage are those of the file. Where the file cannot be read, RocksDB takes
/// that for the end of the log; here [#next()] throws.
public final class LogReader implements RecordReader {
  /// What a record may have at most once it is decompressed, in bytes: as much as memory is not to
  /// be filled with by a small file.
  public static final int MOST_DECOMPRESSED_BYTES = 256 << 20;

  private final FragmentReader fragments;
  private final MetadataRecords metadata = new MetadataRecords();
  private final RecordBytes record;
  private final RecoveryMode mode;
  private final LogDamage damage;

  // All owned by the caller's thread.
  private boolean ended;
  private boolean endsOld;
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long offset;
  private long endOffset;

  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number in the file's name; empty if nobody knows it, and the first one in
  ///   the file is believed
  /// @param mode what counts as damage
  /// @param damage is told what is damaged
  public LogReader(
      InputStream in, OptionalLong logNumber, RecoveryMode mode, DamageListener damage) {
    this(in, logNumber, mode, damage, MOST_DECOMPRESSED_BYTES);
  }

  LogReader(
      InputStream in,
      OptionalLong logNumber,
      RecoveryMode mode,
      DamageListener damage,
      int mostBytes) {
    fragments = new FragmentReader(in, logNumber);
    record = new RecordBytes(mostBytes);
    this.mode = mode;
    this.damage = new LogDamage(damage);
  }

  @Override
  public boolean next() throws IOException {
    record.drop();
    while (!ended) {
      int type = fragments.next();
      if (type < 0) {
        pass(type);
      } else if (take(type)) {
        fragments.recordRead();
        return true;
      }
    }
    return false;
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

  /// {@return whether the log ends where fragments of the file's earlier life begin} RocksDB cannot
  /// tell then whether more was written. Only after [#next()] returned false.
  public boolean endsWithOldFragments() {
    return endsOld;
  }

  @Override
  public void close() throws IOException {
    ended = true;
    fragments.close();
  }

  // ---- what stands in place of a fragment

  private void pass(int found) throws IOException {
    switch (found) {
      case FragmentReader.END -> {
        if (record.isBegun()) {
          torn("error reading trailing data due to encountering EOF");
        }
        end();
      }
      case FragmentReader.TORN_HEADER -> {
        torn("truncated header");
        end();
      }
      case FragmentReader.BAD_LENGTH -> badLength();
      case FragmentReader.BAD_CHECKSUM -> bad("checksum mismatch");
      case FragmentReader.OLD -> old();
      case FragmentReader.ZEROS -> {
        damage.zeros(fragments.offset());
        if (!fragments.passedOnlyZeros()) {
          damage.endZeros(fragments.endOffset());
        }
        dropRecord();
      }
      default -> {
        drop(fragments.passedBytes(), "a fragment with a log number in a log without");
        dropRecord();
      }
    }
  }

  private void end() {
    ended = true;
    damage.end();
  }

  /// Whether bytes that are no fragment may be old, and what follows is still to be seen.
  private boolean mayBeOld() {
    return fragments.isNumbered() && mode.goesOn();
  }

  /// Where the record or, if there is none, the fragment begins.
  private long begin() {
    return record.isBegun() ? record.offset() : fragments.offset();
  }

  private void torn(String reason) {
    long bytes = fragments.endOffset() - begin();
    if (mayBeOld()) {
      damage.perhapsOld(Damage.Kind.TORN_TAIL, begin(), bytes, reason);
    } else {
      damage.torn(begin(), bytes, reason);
    }
  }

  private void badLength() throws IOException {
    if (!fragments.isAtEnd()) {
      bad("bad record length");
    } else if (fragments.isNumbered() && !mode.goesOn()) {
      badInFileUsedAgain("truncated record body");
    } else if (fragments.wholeFragmentsFollow()) {
      damage.ownFragment(fragments.offset());
      drop(fragments.passedBytes(), "truncated record body, but whole records follow");
      end();
    } else {
      torn("truncated record body");
      end();
    }
  }

  private void bad(String reason) throws IOException {
    if (mayBeOld()) {
      damage.perhapsOld(Damage.Kind.CORRUPTION, begin(), fragments.endOffset() - begin(), reason);
      record.drop();
      return;
    }
    damage.endZeros(fragments.offset());
    if (fragments.isNumbered()) {
      badInFileUsedAgain(reason);
      return;
    }
    drop(fragments.passedBytes(), reason);
    dropRecord();
  }

  /// Nothing here tells damage from the end of the log amid old bytes, only what follows does.
  /// Either way nothing behind it is applied.
  private void badInFileUsedAgain(String reason) throws IOException {
    long begin = begin();
    long bytes = fragments.endOffset() - begin;
    if (!fragments.ownFragmentsFollow()) {
      damage.endOfFileUsedAgain(begin, bytes, reason);
    } else if (mode == RecoveryMode.TOLERATE_CORRUPTED_TAIL_RECORDS) {
      damage.overlooked(begin, bytes, reason);
    } else {
      damage.corruption(begin, bytes, reason);
    }
    end();
  }

  private void old() throws IOException {
    if (mode.goesOn()) {
      if (!fragments.isOldWhole()) {
        String reason = "neither of this log nor whole, which RocksDB passes over";
        long bytes = fragments.endOffset() - begin();
        damage.perhapsOld(Damage.Kind.OVERLOOKED, begin(), bytes, reason);
        record.drop();
      }
      dropRecord();
      return;
    }
    endsOld = true;
    long begin = begin();
    long bytes = fragments.endOffset() - begin;
    boolean whole = fragments.isOldWhole();
    if (fragments.ownFragmentsFollow()) {
      damage.overlooked(
          begin, bytes, "another log number, which RocksDB takes for the end of the log");
    } else if (record.isBegun()) {
      damage.torn(begin, bytes, "error reading trailing data due to encountering old record");
    } else if (!whole) {
      damage.endOfFileUsedAgain(begin, bytes, "a torn record");
    }
    end();
  }

  // ---- fragments

  /// {@return whether a record is whole now}
  private boolean take(int type) throws FormatException {
    damage.ownFragment(fragments.offset());
    switch (type) {
      case FULL, FULL + NUMBERED -> {
        dropBegun("partial record without end(1)");
        record.begin(fragments.offset());
        record.join(fragments.payload());
        return show();
      }
      case FIRST, FIRST + NUMBERED -> {
        dropBegun("partial record without end(2)");
        record.begin(fragments.offset());
        record.join(fragments.payload());
      }
      case MIDDLE, MIDDLE + NUMBERED -> {
        if (record.isBegun()) {
          record.join(fragments.payload());
        } else {
          drop(fragments.length(), "missing start of fragmented record(1)");
        }
      }
      case LAST, LAST + NUMBERED -> {
        if (record.isBegun()) {
          record.join(fragments.payload());
          return show();
        }
        drop(fragments.length(), "missing start of fragmented record(2)");
      }
      default -> takeOther(type);
    }
    return false;
  }

  private void takeOther(int type) {
    if (MetadataRecords.isOne(type)) {
      dropRecord();
      String wrong = metadata.take(type, fragments.payload());
      if (wrong != null) {
        drop(fragments.length(), wrong);
      }
      return;
    }
    if ((type & WalLayout.IGNORABLE) == 0) {
      int bytes = fragments.length() + (record.isBegun() ? record.size() : 0);
      drop(bytes, "unknown record type " + type);
    }
    record.drop();
  }

  private boolean show() {
    metadata.recordRead();
    try {
      payload = record.end(metadata.isCompressed());
    } catch (FormatException wrong) {
      // RocksDB goes on with the next block.
      fragments.passBlock();
      damage.overlooked(
          record.offset(),
          fragments.endOffset() - record.offset(),
          "cannot be decompressed, which RocksDB passes over: " + wrong.getMessage());
      return false;
    }
    offset = record.offset();
    endOffset = fragments.endOffset();
    return true;
  }

  // ---- what is lost

  // An empty FIRST without an end was left by a defect of early writers, and is none.
  private void dropBegun(String reason) {
    if (record.isBegun() && record.size() > 0) {
      damage.corruption(record.offset(), record.size(), reason);
    }
  }

  private void dropRecord() {
    if (record.isBegun()) {
      String reason = "error in middle of record";
      if (mayBeOld()) {
        damage.perhapsOld(Damage.Kind.CORRUPTION, record.offset(), record.size(), reason);
      } else {
        damage.corruption(record.offset(), record.size(), reason);
      }
    }
    record.drop();
  }

  private void drop(long bytes, String reason) {
    damage.corruption(fragments.offset(), bytes, reason);
  }
}
