package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.BatchWriter;
import java.nio.ByteBuffer;

/// Changes that are made together or not at all. Of several changes of one key the last counts.
///
/// For one thread at a time, also while it is being written. To be used again and again: [#clear()]
/// keeps its memory.
public final class WriteBatch {
  /// The largest batch: 512 MiB.
  public static final int MAX_BYTES = 512 << 20;

  /// What an operation takes beside its key and its value, in bytes, at most.
  private static final int OPERATION_BYTES = 11;

  // Owned by the caller's thread.
  private final BatchWriter operations = new BatchWriter();

  /// An empty batch.
  public WriteBatch() {}

  /// Adds a change: a key gets a value.
  ///
  /// @param key copied, may be empty
  /// @param value copied, may be empty
  /// @return this
  /// @throws IllegalArgumentException if the batch would be larger than [#MAX_BYTES]; it stays as
  ///   it was
  public WriteBatch put(byte[] key, byte[] value) {
    checkRoom((long) key.length + value.length);
    operations.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
    return this;
  }

  /// Adds a change: a key is deleted, whether it is there or not.
  ///
  /// @param key copied, may be empty
  /// @return this
  /// @throws IllegalArgumentException if the batch would be larger than [#MAX_BYTES]; it stays as
  ///   it was
  public WriteBatch delete(byte[] key) {
    checkRoom(key.length);
    operations.delete(ByteBuffer.wrap(key));
    return this;
  }

  static void checkSize(long bytes) {
    if (bytes > MAX_BYTES - 64) {
      throw new IllegalArgumentException(
          "a write of " + bytes + " bytes; at most " + MAX_BYTES + " fit one record of the log");
    }
  }

  private void checkRoom(long bytes) {
    checkSize(operations.size() + bytes + OPERATION_BYTES);
  }

  /// Forgets all changes.
  public void clear() {
    operations.clear();
  }

  /// {@return how many changes it has}
  public int count() {
    return operations.count();
  }

  /// {@return how many bytes it takes in the log}
  public int bytes() {
    return operations.size();
  }

  BatchWriter operations() {
    return operations;
  }
}
