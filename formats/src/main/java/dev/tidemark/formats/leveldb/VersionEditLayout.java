package dev.tidemark.formats.leveldb;

/// The bytes of a record of a manifest, after google/leveldb, db/version_edit.cc: fields in any
/// order, each behind its tag. Tags and numbers are varints, names and keys stand behind their
/// length, a varint. A manifest is a log file ([LogLayout]) of such records.
///
/// ```
///  1 comparator        name
///  2 log number        number
///  3 next file number  number
///  4 last sequence     number
///  5 compact pointer   level, internal key
///  6 deleted file      level, number
///  7 new file          level, number, size in bytes, smallest internal key, largest internal key
///  9 previous log      number
/// ```
///
/// 8 was used for large values once, and is refused.
final class VersionEditLayout {
  static final int COMPARATOR = 1;
  static final int LOG_NUMBER = 2;
  static final int NEXT_FILE_NUMBER = 3;
  static final int LAST_SEQUENCE = 4;
  static final int COMPACT_POINTER = 5;
  static final int DELETED_FILE = 6;
  static final int NEW_FILE = 7;
  static final int PREVIOUS_LOG_NUMBER = 9;

  private VersionEditLayout() {}
}
