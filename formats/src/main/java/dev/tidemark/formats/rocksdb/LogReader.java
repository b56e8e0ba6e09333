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
import java.util.Arrays;
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

  private static final int MOST_RECORD_BYTES = Integer.MAX_VALUE - 8;

  private final FragmentReader fragments;
  private final MetadataRecords metadata = new MetadataRecords();
  private final RecordDecompressor decompressor;
  private final RecoveryMode mode;
  private final DamageListener damage;

  // All owned by the caller's thread.
  private byte[] joined = new byte[0];
  private int joinedBytes;
  private boolean inRecord;
  private long recordOffset;
  private boolean ended;
  private boolean endsOld;
  // Where zeros begin, behind which nothing else has been seen yet; -1 if there are none.
  private long zeros = -1;
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
    decompressor = new RecordDecompressor(mostBytes);
    this.mode = mode;
    this.damage = damage;
  }

  @Override
  public boolean next() throws IOException {
    inRecord = false;
    joinedBytes = 0;
    while (!ended) {
      int type = fragments.next();
      boolean shown = type < 0 ? pass(type) : take(type);
      if (shown) {
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

  // ---- what stands in place of a fragment; never a record

  private boolean pass(int found) throws IOException {
    switch (found) {
      case FragmentReader.END -> endOfFile();
      case FragmentReader.TORN_HEADER -> tornHeader();
      case FragmentReader.BAD_LENGTH -> badLength();
      case FragmentReader.BAD_CHECKSUM -> bad("checksum mismatch");
      case FragmentReader.OLD -> old();
      case FragmentReader.ZEROS -> {
        if (zeros < 0) {
          zeros = fragments.offset();
        }
        if (!fragments.passedOnlyZeros()) {
          tellZeros(fragments.endOffset());
        }
        dropJoined("error in middle of record");
      }
      default -> {
        drop(fragments.passedBytes(), "a fragment with a log number in a log without");
        dropJoined("error in middle of record");
      }
    }
    return false;
  }

  private void endOfFile() {
    ended = true;
    if (inRecord) {
      torn(recordOffset, "error reading trailing data due to encountering EOF");
    }
  }

  private void tornHeader() {
    ended = true;
    torn(inRecord ? recordOffset : fragments.offset(), "truncated header");
  }

  private void badLength() throws IOException {
    if (!fragments.isAtEnd()) {
      bad("bad record length");
      return;
    }
    if (fragments.isNumbered() && !mode.goesOn()) {
      badInFileUsedAgain("truncated record body");
      return;
    }
    ended = true;
    if (fragments.wholeFragmentsFollow()) {
      tellZeros(fragments.offset());
      String reason = "truncated record body, but whole records follow";
      drop(fragments.passedBytes(), reason);
    } else {
      torn(inRecord ? recordOffset : fragments.offset(), "truncated record body");
    }
  }

  private void bad(String reason) throws IOException {
    tellZeros(fragments.offset());
    if (fragments.isNumbered() && !mode.goesOn()) {
      badInFileUsedAgain(reason);
      return;
    }
    drop(fragments.passedBytes(), reason);
    dropJoined("error in middle of record");
  }

  /// What is written into a file that is used again ends amid old bytes, whether it was written to
  /// its end or cut short: nothing here tells that from damage, only what follows does. Either way
  /// nothing behind it is applied.
  private void badInFileUsedAgain(String reason) throws IOException {
    long begin = inRecord ? recordOffset : fragments.offset();
    long bytes = fragments.endOffset() - begin;
    ended = true;
    if (!fragments.ownFragmentsFollow()) {
      String old = reason + ", or the old bytes of a file that is used again";
      damage.found(new Damage(Damage.Kind.TORN_TAIL, begin, bytes, old));
      return;
    }
    boolean silent = mode == RecoveryMode.TOLERATE_CORRUPTED_TAIL_RECORDS;
    Damage.Kind kind = silent ? Damage.Kind.OVERLOOKED : Damage.Kind.CORRUPTION;
    damage.found(new Damage(kind, begin, bytes, reason));
  }

  private void old() throws IOException {
    if (mode.goesOn()) {
      if (!fragments.isOldWhole()) {
        String reason = "neither of this log nor whole, which RocksDB passes over";
        long bytes = fragments.passedBytes();
        damage.found(new Damage(Damage.Kind.OVERLOOKED, fragments.offset(), bytes, reason));
      }
      dropJoined("error in middle of record");
      return;
    }
    ended = true;
    endsOld = true;
    long begin = inRecord ? recordOffset : fragments.offset();
    long bytes = fragments.endOffset() - begin;
    boolean whole = fragments.isOldWhole();
    if (fragments.ownFragmentsFollow()) {
      String reason =
          "a fragment with another log number, which RocksDB takes for the end of the log";
      damage.found(new Damage(Damage.Kind.OVERLOOKED, begin, bytes, reason));
    } else if (inRecord) {
      String reason = "error reading trailing data due to encountering old record";
      damage.found(new Damage(Damage.Kind.TORN_TAIL, begin, bytes, reason));
    } else if (!whole) {
      String reason = "the old bytes of a file that is used again, or a torn record";
      damage.found(new Damage(Damage.Kind.TORN_TAIL, begin, bytes, reason));
    }
  }

  // ---- fragments

  /// {@return whether a record is whole now}
  private boolean take(int type) throws FormatException {
    tellZeros(fragments.offset());
    switch (type) {
      case FULL, FULL + NUMBERED -> {
        dropBegun("partial record without end(1)");
        begin();
        return show();
      }
      case FIRST, FIRST + NUMBERED -> {
        dropBegun("partial record without end(2)");
        begin();
      }
      case MIDDLE, MIDDLE + NUMBERED -> {
        if (inRecord) {
          join();
        } else {
          drop(fragments.length(), "missing start of fragmented record(1)");
        }
      }
      case LAST, LAST + NUMBERED -> {
        if (inRecord) {
          join();
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
      dropJoined("error in middle of record");
      String wrong = metadata.take(type, fragments.payload());
      if (wrong != null) {
        drop(fragments.length(), wrong);
      }
      return;
    }
    if ((type & WalLayout.IGNORABLE) == 0) {
      int bytes = fragments.length() + (inRecord ? joinedBytes : 0);
      drop(bytes, "unknown record type " + type);
    }
    inRecord = false;
    joinedBytes = 0;
  }

  private void begin() throws FormatException {
    recordOffset = fragments.offset();
    joinedBytes = 0;
    inRecord = true;
    join();
  }

  private void join() throws FormatException {
    int length = fragments.length();
    if (length > MOST_RECORD_BYTES - joinedBytes) {
      throw new FormatException("a record of more than 2 GiB", recordOffset);
    }
    if (length > joined.length - joinedBytes) {
      long doubled = Math.min(MOST_RECORD_BYTES, 2L * joined.length);
      joined = Arrays.copyOf(joined, (int) Math.max(doubled, joinedBytes + length));
    }
    ByteBuffer fragment = fragments.payload();
    fragment.get(fragment.position(), joined, joinedBytes, length);
    joinedBytes += length;
  }

  private boolean show() {
    inRecord = false;
    metadata.recordRead();
    if (!metadata.isCompressed()) {
      payload = ByteBuffer.wrap(joined, 0, joinedBytes);
    } else {
      try {
        decompressor.decompress(joined, joinedBytes);
      } catch (FormatException wrong) {
        passCompressed(wrong);
        return false;
      }
      payload = ByteBuffer.wrap(decompressor.bytes(), 0, decompressor.size());
    }
    offset = recordOffset;
    endOffset = fragments.endOffset();
    return true;
  }

  /// RocksDB says nothing, and goes on with the next block.
  private void passCompressed(FormatException wrong) {
    fragments.passBlock();
    damage.found(
        new Damage(
            Damage.Kind.OVERLOOKED,
            recordOffset,
            fragments.endOffset() - recordOffset,
            "a record that cannot be decompressed, which RocksDB passes over: "
                + wrong.getMessage()));
    joinedBytes = 0;
  }

  // ---- damage

  // An empty FIRST without an end was left by a defect of early writers, and is none.
  private void dropBegun(String reason) {
    if (inRecord && joinedBytes > 0) {
      drop(recordOffset, joinedBytes, reason);
    }
    inRecord = false;
  }

  private void dropJoined(String reason) {
    if (inRecord) {
      drop(recordOffset, joinedBytes, reason);
    }
    inRecord = false;
    joinedBytes = 0;
  }

  private void drop(long bytes, String reason) {
    drop(fragments.offset(), bytes, reason);
  }

  private void drop(long from, long bytes, String reason) {
    damage.found(new Damage(Damage.Kind.CORRUPTION, from, bytes, reason));
  }

  private void torn(long from, String reason) {
    tellZeros(from);
    damage.found(new Damage(Damage.Kind.TORN_TAIL, from, fragments.endOffset() - from, reason));
  }

  private void tellZeros(long to) {
    if (zeros >= 0) {
      damage.found(
          new Damage(
              Damage.Kind.OVERLOOKED,
              zeros,
              to - zeros,
              "zeros, which RocksDB passes over, with something behind them"));
      zeros = -1;
    }
  }
}
