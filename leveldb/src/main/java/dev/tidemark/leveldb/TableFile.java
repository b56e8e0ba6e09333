package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.VersionEdit;
import java.nio.ByteBuffer;

/// A table, as the manifest knows it.
///
/// @param number of the file
/// @param bytes its exact size
/// @param smallest its first internal key
/// @param largest its last internal key
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
record TableFile(long number, long bytes, byte[] smallest, byte[] largest) {

  static TableFile of(VersionEdit.NewFile file) {
    return new TableFile(
        file.number(), file.bytes(), array(file.smallest()), array(file.largest()));
  }

  private static byte[] array(ByteBuffer key) {
    byte[] copy = new byte[key.remaining()];
    key.get(key.position(), copy);
    return copy;
  }

  VersionEdit.NewFile at(int level) {
    return new VersionEdit.NewFile(
        level, number, bytes, ByteBuffer.wrap(smallest), ByteBuffer.wrap(largest));
  }

  /// {@return whether it may hold a user's key}
  boolean mayHold(byte[] userKey) {
    return InternalKeys.compareToUser(smallest, userKey) <= 0
        && InternalKeys.compareToUser(largest, userKey) >= 0;
  }

  /// {@return whether users' keys from one to another may be in it}
  ///
  /// @param from an internal key
  /// @param to another, not before it
  boolean overlaps(byte[] from, byte[] to) {
    return InternalKeys.compareUsers(smallest, to) <= 0
        && InternalKeys.compareUsers(largest, from) >= 0;
  }
}
