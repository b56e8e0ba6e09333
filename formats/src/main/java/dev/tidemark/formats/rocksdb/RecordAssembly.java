package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.FIRST;
import static dev.tidemark.formats.leveldb.LogLayout.FULL;
import static dev.tidemark.formats.leveldb.LogLayout.LAST;
import static dev.tidemark.formats.leveldb.LogLayout.MIDDLE;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED;

import dev.tidemark.formats.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Puts records together from whole fragments, and tells of those of which a part is missing. For
/// one thread at a time.
///
/// RocksDB decompresses fragment by fragment, and once it could not, it can no more before it has
/// another record, of which it then sees none: all that follows is lost to it. So it is to this,
/// but for a reader that salvages.
///
/// Stricter than RocksDB in two things. A fragment about the log amid a record ends that record,
/// where RocksDB forgets what it has of it and takes the rest for the whole. And where a frame ends
/// too early, RocksDB shows what it has of the record and goes on.
final class RecordAssembly {
  private final FragmentReader fragments;
  private final LogDamage damage;
  private final MetadataRecords metadata = new MetadataRecords();
  private final RecordBytes record;
  private final boolean salvages;

  // All owned by the caller's thread.
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long offset;
  private long endOffset;
  // Whether RocksDB's decompressor is within a frame.
  private boolean inFrame;

  /// @param fragments where they come from
  /// @param damage is told what is missing
  /// @param record holds what there is of a record
  /// @param salvages whether to go on where a record cannot be decompressed
  RecordAssembly(FragmentReader fragments, LogDamage damage, RecordBytes record, boolean salvages) {
    this.fragments = fragments;
    this.damage = damage;
    this.record = record;
    this.salvages = salvages;
  }

  /// {@return the last whole record, good until the next call of [#take]}
  ByteBuffer payload() {
    return payload;
  }

  /// {@return where that record begins}
  long offset() {
    return offset;
  }

  /// {@return where that record ends}
  long endOffset() {
    return endOffset;
  }

  /// Forgets what there is of a record.
  void begin() {
    record.drop();
    inFrame = false;
  }

  /// Takes a fragment.
  ///
  /// @param type of the fragment
  /// @return whether a record is whole now
  /// @throws IOException if the file cannot be read
  boolean take(int type) throws IOException {
    if (confusesDecompressor(type)) {
      if (record.isBegun()) {
        damage.corruption(record.offset(), record.size(), "error in middle of record");
      }
      lose(fragments.offset(), "a part of a record behind one of another");
      return false;
    }
    switch (type) {
      case FULL, FULL + NUMBERED -> {
        dropBegun("partial record without end(1)");
        beginRecord();
        return end();
      }
      case FIRST, FIRST + NUMBERED -> {
        dropBegun("partial record without end(2)");
        beginRecord();
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
          return end();
        }
        drop(fragments.length(), "missing start of fragmented record(2)");
      }
      default -> takeOther(type);
    }
    return false;
  }

  /// Says that something else than a fragment was found, and looked behind. From now on a record
  /// that begins like a Zstandard frame is taken for one, if nothing said before whether it is.
  void salvaged() {
    metadata.damaged();
  }

  private void takeOther(int type) {
    if (MetadataRecords.isOne(type)) {
      if (record.isBegun()) {
        damage.corruption(record.offset(), record.size(), "error in middle of record");
      }
      record.drop();
      inFrame &= type != WalLayout.SET_COMPRESSION; // which makes a new decompressor
      String wrong = metadata.take(type, fragments.payload());
      if (wrong != null) {
        drop(fragments.length(), wrong);
      }
      return;
    }
    if ((type & WalLayout.IGNORABLE) == 0) {
      long from = record.isBegun() ? record.offset() : fragments.offset();
      long bytes = fragments.length() + (record.isBegun() ? record.size() : 0);
      damage.corruption(from, bytes, "unknown record type " + type);
    }
    record.drop();
  }

  private boolean confusesDecompressor(int type) {
    if (salvages || !metadata.saysCompressed()) {
      return false;
    }
    return switch (type) {
      case FULL, FULL + NUMBERED, FIRST, FIRST + NUMBERED -> inFrame;
      case MIDDLE, MIDDLE + NUMBERED, LAST, LAST + NUMBERED -> !record.isBegun();
      default -> false;
    };
  }

  private void beginRecord() {
    record.begin(fragments.offset());
    record.join(fragments.payload());
    inFrame |= fragments.length() > 0;
  }

  private boolean end() throws IOException {
    if (record.isTooLarge()) {
      damage.corruption(
          record.offset(),
          fragments.endOffset() - record.offset(),
          "a record of " + record.size() + " bytes, which is more than is read here");
      recordRead();
      record.drop();
      return false;
    }
    try {
      ByteBuffer bytes = record.end();
      payload = metadata.isCompressed(bytes) ? record.decompressed() : bytes;
    } catch (FormatException wrong) {
      lose(record.offset(), String.valueOf(wrong.getMessage()));
      return false;
    }
    recordRead();
    offset = record.offset();
    endOffset = fragments.endOffset();
    return true;
  }

  private void lose(long from, String reason) throws IOException {
    record.drop();
    String what = "cannot be decompressed, which RocksDB passes over";
    if (!salvages) {
      fragments.passFile();
      what += " with all that follows";
    }
    damage.overlooked(from, fragments.endOffset() - from, what + ": " + reason);
  }

  private void recordRead() {
    metadata.recordRead();
    fragments.numbering().recordRead();
  }

  // An empty FIRST without an end was left by a defect of early writers, and is none.
  private void dropBegun(String reason) {
    if (record.isBegun() && record.size() > 0) {
      damage.corruption(record.offset(), record.size(), reason);
    }
  }

  private void drop(long bytes, String reason) {
    damage.corruption(fragments.offset(), bytes, reason);
  }
}
