package dev.tidemark.formats.leveldb;

/// The bytes of a log file, after google/leveldb, doc/log_format.md and db/log_format.h.
///
/// A file is a sequence of blocks of 32 KiB, of which the last may be short. A record is cut into
/// fragments, none of which crosses the end of a block:
///
/// ```
///  0        4        6      7
/// +--------+--------+------+------------- - -
/// | crc    | length | type | data
/// +--------+--------+------+------------- - -
///   crc     CRC-32C of type and data, masked (see MaskedCrc), least significant byte first
///   length  of the data, in bytes, least significant byte first
///   type    1 FULL: all of a record; 2 FIRST, 3 MIDDLE, 4 LAST: a part of one
///           0 is what a file holds that was sized before it was written
/// ```
///
/// Fewer than 7 bytes at the end of a block are its trailer, zeros.
public final class LogLayout {
  /// The size of a block, in bytes.
  public static final int BLOCK_BYTES = 32 * 1024;

  /// The size of what stands before the data of a fragment, in bytes.
  public static final int HEADER_BYTES = 7;

  /// Where the checksum stands in a header.
  public static final int CRC_AT = 0;

  /// Where the length stands in a header.
  public static final int LENGTH_AT = 4;

  /// Where the type stands in a header.
  public static final int TYPE_AT = 6;

  /// The type in zeros.
  public static final int ZERO = 0;

  /// All of a record.
  public static final int FULL = 1;

  /// The beginning of a record.
  public static final int FIRST = 2;

  /// A part of a record between others.
  public static final int MIDDLE = 3;

  /// The end of a record.
  public static final int LAST = 4;

  private LogLayout() {}
}
