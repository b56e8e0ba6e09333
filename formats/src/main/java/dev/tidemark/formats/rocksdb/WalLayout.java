package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.leveldb.LogLayout;

/// The bytes of a log of RocksDB's, as far as they are not those of LevelDB's ([LogLayout]), after
/// facebook/rocksdb, db/log_format.h.
///
/// Blocks, checksums and the types 1 to 4 are LevelDB's. A file that may be used again has
/// fragments with a longer header, by which those from before are told:
///
/// ```
///  0        4        6      7            11
/// +--------+--------+------+------------+------------- - -
/// | crc    | length | type | log number | data
/// +--------+--------+------+------------+------------- - -
///   crc         of type, log number and data, masked
///   log number  its lowest 32 bits, least significant byte first
/// ```
///
/// ```
/// 5 FULL, 6 FIRST, 7 MIDDLE, 8 LAST               with a log number
/// 9 compression: a number (4)                     the first of a file; no log number in any file
/// 10, 11 sizes of timestamps: { column family (4), size (2) }*
/// 130, 131 the log before: number (8), bytes (8), sequence of its last batch (8)
/// ```
///
/// Of the types from 10 on, odd ones have a log number. A reader passes over types it does not know
/// if their highest bit is set, and takes others for damage. All numbers have their least
/// significant byte first.
///
/// Where the compression is Zstandard, the data of a record's fragments, one behind the other, are
/// one frame; those of types 9 and above are never compressed.
final class WalLayout {
  /// The size of what stands before the data of a fragment with a log number, in bytes.
  static final int NUMBERED_HEADER_BYTES = 11;

  static final int LOG_NUMBER_AT = 7;

  /// What is added to LevelDB's types for a header with a log number.
  static final int NUMBERED = 4;

  static final int SET_COMPRESSION = 9;
  static final int TIMESTAMP_SIZES = 10;
  static final int NUMBERED_TIMESTAMP_SIZES = 11;
  static final int PREDECESSOR = 130;
  static final int NUMBERED_PREDECESSOR = 131;

  /// The bit of types that may be passed over.
  static final int IGNORABLE = 0x80;

  static final int NO_COMPRESSION = 0;
  static final int ZSTANDARD = 7;

  /// What a Zstandard frame begins with, the least significant byte first (RFC 8878, section
  /// 3.1.1).
  static final int ZSTANDARD_MAGIC = 0xfd2fb528;

  private WalLayout() {}

  /// {@return whether RocksDB writes fragments of such a type}
  static boolean isKnown(int type) {
    return type != LogLayout.ZERO
        && (type <= NUMBERED_TIMESTAMP_SIZES
            || type == PREDECESSOR
            || type == NUMBERED_PREDECESSOR);
  }

  /// {@return whether the header of such a fragment has a log number}
  static boolean isNumbered(int type) {
    return (type > LogLayout.LAST && type <= LogLayout.LAST + NUMBERED)
        || type == NUMBERED_TIMESTAMP_SIZES
        || type == NUMBERED_PREDECESSOR;
  }
}
