package dev.tidemark.formats.arc;

/// The bytes of a file of Arc's log, all numbers big-endian. After Basekick-Labs/arc,
/// internal/wal/wal.go, and storage/wal.py of its Python versions, which wrote the same.
///
/// ```
/// file      0       4         6          7
///          +-------+---------+----------+--------+--------+- - -
///          | ARCW  | version | checksum | record | record |
///          +-------+---------+----------+--------+--------+- - -
///            version   1: every file there is
///            checksum  1: CRC-32
///
/// record    0        4           12      16
///          +--------+-----------+-------+------------- - -
///          | length | timestamp | crc   | payload
///          +--------+-----------+-------+------------- - -
///            length     of the payload, in bytes
///            timestamp  when it was appended, in microseconds since 1970
///            crc        CRC-32 of the payload alone: length and timestamp have none
///
/// payload   MessagePack, whose arrays and maps begin with 0x80 or more; or
///          +------+--------+----------+------------- - -
///          | 0x01 | length | database | MessagePack          an envelope, length: 16 bits
///          +------+--------+----------+------------- - -
///          +------+----------+---------------------- - -
///          | 0x03 | identity | payload as above              identity: 16 bytes
///          +------+----------+---------------------- - -
///          +------+--------------------------------- - -
///          | 0x02 | MessagePack: array of identities         those that are in files for good
///          +------+--------------------------------- - -
/// ```
///
/// `0x02` and `0x03` were added after version 26.06.3.
final class ArcLayout {
  /// `ARCW`.
  static final int MAGIC = 0x41524357;

  static final int VERSION = 1;
  static final int CRC_32 = 1;

  static final int MAGIC_AT = 0;
  static final int VERSION_AT = 4;
  static final int CHECKSUM_AT = 6;
  static final int FILE_HEADER_BYTES = 7;

  static final int LENGTH_AT = 0;
  static final int TIMESTAMP_AT = 4;
  static final int CRC_AT = 12;
  static final int HEADER_BYTES = 16;

  /// The largest payload that Arc writes or reads, in bytes.
  static final int MOST_PAYLOAD_BYTES = 100 * 1024 * 1024;

  static final int ENVELOPE = 0x01;
  static final int CHECKPOINT = 0x02;
  static final int TRACKED = 0x03;
  static final int IDENTITY_BYTES = 16;

  /// The longest name of a database that an envelope can hold, in bytes.
  static final int MOST_DATABASE_BYTES = 0xffff;

  /// The database of a payload in columnar form without an envelope.
  static final String DEFAULT_DATABASE = "default";

  /// What is no timestamp of Arc's: before 2000.
  private static final long FIRST_MICROS = 946_684_800_000_000L;

  /// What is no timestamp of Arc's: from 2200 on.
  private static final long END_MICROS = 7_258_118_400_000_000L;

  private ArcLayout() {}

  /// {@return whether these can be the fields of a record's header} For whoever looks for one among
  /// bytes that are anything.
  ///
  /// @param length of the payload, without a sign
  /// @param timestamp in microseconds
  static boolean isPlausible(int length, long timestamp) {
    return isPlausible(length) && timestamp >= FIRST_MICROS && timestamp < END_MICROS;
  }

  /// {@return whether a payload can have a length}
  ///
  /// @param length without a sign
  static boolean isPlausible(int length) {
    return length > 0 && length <= MOST_PAYLOAD_BYTES;
  }
}
