package dev.tidemark.formats.leveldb;

/// The disguise in which LevelDB stores checksums, so that checksums of bytes that contain
/// checksums keep their strength. After google/leveldb, util/crc32c.h.
public final class MaskedCrc {
  private static final int DELTA = 0xa282ead8;

  private MaskedCrc() {}

  /// {@return what is stored for a checksum}
  ///
  /// @param crc a CRC-32C
  public static int mask(int crc) {
    return Integer.rotateRight(crc, 15) + DELTA;
  }

  /// {@return the checksum for which this is stored}
  ///
  /// @param masked as stored
  public static int unmask(int masked) {
    return Integer.rotateLeft(masked - DELTA, 15);
  }
}
