package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.leveldb.LogLayout.FIRST;
import static dev.tidemark.formats.leveldb.LogLayout.FULL;
import static dev.tidemark.formats.leveldb.LogLayout.LAST;
import static dev.tidemark.formats.leveldb.LogLayout.MIDDLE;
import static dev.tidemark.formats.rocksdb.WalLayout.NUMBERED;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// Puts records together from whole fragments, and tells of those of which a part is missing. For
/// one thread at a time.
///
/// Stricter than RocksDB in one thing: a fragment about the log amid a record ends that record,
/// where RocksDB forgets what it has of it and takes the rest for the whole.
final class RecordAssembly {
  private final FragmentReader fragments;
  private final LogDamage damage;
  private final MetadataRecords metadata = new MetadataRecords();
  private final RecordBytes record;

  // All owned by the caller's thread.
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long offset;
  private long endOffset;

  /// @param fragments where they come from
  /// @param damage is told what is missing
  /// @param record holds what there is of a record
  RecordAssembly(FragmentReader fragments, LogDamage damage, RecordBytes record) {
    this.fragments = fragments;
    this.damage = damage;
    this.record = record;
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

  /// Takes a fragment.
  ///
  /// @param type of the fragment
  /// @return whether a record is whole now
  boolean take(int type) {
    switch (type) {
      case FULL, FULL + NUMBERED -> {
        dropBegun("partial record without end(1)");
        begin();
        return end();
      }
      case FIRST, FIRST + NUMBERED -> {
        dropBegun("partial record without end(2)");
        begin();
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
      String wrong = metadata.take(type, fragments.payload());
      if (wrong != null) {
        drop(fragments.length(), wrong);
      }
      return;
    }
    if ((type & WalLayout.IGNORABLE) == 0) {
      long bytes = fragments.length() + (record.isBegun() ? record.size() : 0);
      drop(bytes, "unknown record type " + type);
    }
    record.drop();
  }

  private void begin() {
    record.begin(fragments.offset());
    record.join(fragments.payload());
  }

  private boolean end() {
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
      // RocksDB goes on with the next block.
      fragments.passBlock();
      damage.overlooked(
          record.offset(),
          fragments.endOffset() - record.offset(),
          "cannot be decompressed, which RocksDB passes over: " + wrong.getMessage());
      return false;
    }
    recordRead();
    offset = record.offset();
    endOffset = fragments.endOffset();
    return true;
  }

  private void recordRead() {
    metadata.recordRead();
    fragments.recordRead();
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
