package dev.tidemark.wal.internal;

import java.util.Locale;

/// What the manifest says about a checkpoint.
///
/// @param lsn it contains all records up to this one
/// @param generation grows by one with every checkpoint that is begun; never used twice
/// @param length how many bytes the snapshot has
/// @param crc the CRC-32C of the file's name in numbers and of the snapshot
/// @param verified whether it was read back from the disk and found whole
record CheckpointStamp(long lsn, long generation, long length, int crc, boolean verified) {

  /// {@return the name of its file}
  String fileName() {
    return String.format(Locale.ROOT, "checkpoint-%016x-%016x", lsn, generation);
  }

  CheckpointStamp asVerified() {
    return new CheckpointStamp(lsn, generation, length, crc, true);
  }
}
