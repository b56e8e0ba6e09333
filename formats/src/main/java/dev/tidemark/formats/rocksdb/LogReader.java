package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
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
/// A reader of [#allThatIsWhole] does not go on with the next block, as RocksDB does, but with the
/// next whole fragment: the one that the damaged one's length leads to, or else the first there is.
/// Whoever writes what is logged could put such a fragment into a value; it would be shown only
/// where the real one around it is damaged.
///
/// Compressed records are decompressed once they are whole, where RocksDB does it fragment by
/// fragment; bytes of damage are those of the file. Where the file cannot be read, RocksDB takes
/// that for the end of the log; here [#next()] throws. A record that is larger than
/// [#MOST_RECORD_BYTES] is told as damage, where RocksDB reads whatever memory can hold.
public final class LogReader implements RecordReader {
  /// What a record may have at most, as it stands in the file, in bytes: 1 GiB.
  public static final int MOST_RECORD_BYTES = 1 << 30;

  /// What a record may have at most once it is decompressed, in bytes: as much as memory is not to
  /// be filled with by a small file.
  public static final int MOST_DECOMPRESSED_BYTES = 256 << 20;

  private final FragmentReader fragments;
  private final RecordBytes record;
  private final RecordAssembly records;
  private final RecoveryMode mode;
  private final boolean salvages;
  private final LogDamage damage;

  // All owned by the caller's thread.
  private boolean ended;
  private boolean endsOld;
  private boolean endsUnsaid;

  /// A reader that does as RocksDB's.
  ///
  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number in the file's name; empty if nobody knows it, and the first one in
  ///   the file is believed
  /// @param mode what counts as damage
  /// @param damage is told what is damaged
  public LogReader(
      InputStream in, OptionalLong logNumber, RecoveryMode mode, DamageListener damage) {
    this(
        new FragmentReader(in, logNumber, false),
        new RecordBytes(MOST_RECORD_BYTES, MOST_DECOMPRESSED_BYTES),
        mode,
        false,
        damage);
  }

  /// @param mostBytes what a record may have at most, in the file and decompressed
  LogReader(
      InputStream in,
      OptionalLong logNumber,
      RecoveryMode mode,
      DamageListener damage,
      int mostBytes) {
    this(
        new FragmentReader(in, logNumber, false),
        new RecordBytes(mostBytes, mostBytes),
        mode,
        false,
        damage);
  }

  private LogReader(
      FragmentReader fragments,
      RecordBytes record,
      RecoveryMode mode,
      boolean salvages,
      DamageListener damage) {
    this.fragments = fragments;
    this.record = record;
    this.mode = mode;
    this.salvages = salvages;
    this.damage = new LogDamage(damage);
    records = new RecordAssembly(fragments, this.damage, record, salvages);
  }

  /// {@return a reader that shows every whole record, also where RocksDB would not look for one}
  ///
  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number in the file's name; empty if nobody knows it, and the first one in
  ///   the file is believed
  /// @param damage is told what is damaged
  public static LogReader allThatIsWhole(
      InputStream in, OptionalLong logNumber, DamageListener damage) {
    return allThatIsWhole(
        in, logNumber, damage, new RecordBytes(MOST_RECORD_BYTES, MOST_DECOMPRESSED_BYTES));
  }

  static LogReader allThatIsWhole(
      InputStream in, OptionalLong logNumber, DamageListener damage, RecordBytes record) {
    return new LogReader(
        new FragmentReader(in, logNumber, true),
        record,
        RecoveryMode.SKIP_ANY_CORRUPTED_RECORDS,
        true,
        damage);
  }

  @Override
  public boolean next() throws IOException {
    records.begin();
    while (!ended) {
      int type = fragments.next();
      if (type < 0) {
        pass(type);
      } else {
        damage.somethingFollows();
        if (records.take(type)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public ByteBuffer payload() {
    return records.payload();
  }

  @Override
  public long offset() {
    return records.offset();
  }

  @Override
  public long endOffset() {
    return records.endOffset();
  }

  /// {@return whether the log ends where fragments of the file's earlier life begin} RocksDB cannot
  /// tell then whether more was written. Only after [#next()] returned false.
  public boolean endsWithOldFragments() {
    return endsOld;
  }

  /// {@return whether RocksDB reports nothing of the torn tail that was told} It does not look at
  /// the checksum of a fragment with another log number.
  boolean endsUnsaid() {
    return endsUnsaid;
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
      case FragmentReader.ZEROS -> zeros();
      default -> bad("a fragment with a log number in a log without");
    }
  }

  private void end() {
    ended = true;
    damage.end();
  }

  /// Whether bytes that are no fragment may be old, and what follows is still to be seen.
  private boolean mayBeOld() {
    return fragments.numbering().isNumbered() && mode.goesOn();
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
    } else if (fragments.numbering().isNumbered() && salvages) {
      bad("truncated record body");
    } else if (fragments.numbering().isNumbered() && !mode.goesOn()) {
      badInFileUsedAgain("truncated record body");
    } else if (fragments.wholeFragmentsFollow()) {
      String reason = "truncated record body, but whole records follow";
      if (salvages && fragments.goToChain()) {
        bad(reason);
        return;
      }
      damage.corruption(begin(), fragments.endOffset() - begin(), reason);
      end();
    } else {
      torn("truncated record body");
      end();
    }
  }

  private void bad(String reason) throws IOException {
    if (salvages) {
      fragments.goToNextWhole();
      records.salvaged();
    }
    if (mayBeOld()) {
      perhapsOld(Damage.Kind.CORRUPTION, reason);
    } else if (fragments.numbering().isNumbered()) {
      badInFileUsedAgain(reason);
    } else {
      dropRecord();
      damage.corruption(fragments.offset(), fragments.passedBytes(), reason);
    }
  }

  private void zeros() {
    dropRecord();
    if (salvages) {
      fragments.goToNextWhole();
      records.salvaged();
    }
    damage.zeros(fragments.offset(), fragments.passedBytes());
    if (!fragments.passedOnlyZeros()
        && (!mayBeOld() || (!salvages && fragments.wholeFollowsInBlock()))) {
      damage.somethingFollows();
    }
  }

  /// Bytes that are no fragment, in a file that may be used again. What RocksDB passes over with
  /// them may show that they are damaged and not old.
  private void perhapsOld(Damage.Kind kind, String reason) {
    damage.perhapsOld(kind, begin(), fragments.endOffset() - begin(), reason);
    record.drop();
    if (!salvages && fragments.wholeFollowsInBlock()) {
      damage.somethingFollows();
    }
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
      if (!salvages && !fragments.isOldWhole()) {
        perhapsOld(
            Damage.Kind.OVERLOOKED, "neither of this log nor whole, which RocksDB passes over");
      }
      dropRecord();
      return;
    }
    endsOld = true;
    long begin = begin();
    long bytes = fragments.endOffset() - begin;
    boolean whole = fragments.isOldWhole();
    String amidRecord = "error reading trailing data due to encountering old record";
    boolean follows = fragments.ownFragmentsFollow();
    if (follows && record.isBegun() && mode.reportsTornTails()) {
      damage.corruption(begin, bytes, amidRecord);
    } else if (follows) {
      damage.overlooked(
          begin, bytes, "another log number, which RocksDB takes for the end of the log");
    } else if (record.isBegun()) {
      damage.torn(begin, bytes, amidRecord);
    } else if (!whole) {
      endsUnsaid = true;
      damage.endOfFileUsedAgain(begin, bytes, "a torn record");
    }
    end();
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
}
