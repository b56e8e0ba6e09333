package dev.tidemark.leveldb;

/// What is known of a user's key: that it was put, or deleted.
///
/// @param key the internal key
/// @param value what it holds; nobody changes it
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
record Found(byte[] key, byte[] value) {

  boolean isDeleted() {
    return InternalKeys.type(key) == InternalKeys.DELETED;
  }
}
