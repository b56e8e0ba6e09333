package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.ByteWriter;
import java.nio.ByteBuffer;

/// Encodes a write batch, byte for byte as LevelDB does. The counterpart of [BatchReader].
///
/// For one thread at a time. To be used again and again: [#clear()] keeps the memory.
public final class BatchWriter {
  private static final int FIRST_BYTES = 256;

  private final ByteWriter bytes = new ByteWriter(FIRST_BYTES);
  // Owned by the caller's thread.
  private int count;

  /// An empty batch.
  public BatchWriter() {
    clear();
  }

  /// Forgets all operations.
  public void clear() {
    bytes.clear();
    count = 0;
    bytes.int64LittleEndian(0).int32LittleEndian(0);
  }

  /// Sets a key.
  ///
  /// @param key from position to limit; the caller's again on return, position unchanged
  /// @param value likewise
  public void put(ByteBuffer key, ByteBuffer value) {
    bytes.octet(BatchLayout.PUT).lengthAndBytes(key).lengthAndBytes(value);
    count++;
  }

  /// Removes a key.
  ///
  /// @param key from position to limit; the caller's again on return, position unchanged
  public void delete(ByteBuffer key) {
    bytes.octet(BatchLayout.DELETE).lengthAndBytes(key);
    count++;
  }

  /// Adds all operations of another batch.
  ///
  /// @param other stays as it is
  public void addAll(BatchWriter other) {
    ByteBuffer theirs = other.bytes.written();
    bytes.bytes(theirs.position(BatchLayout.HEADER_BYTES));
    count += other.count;
  }

  /// {@return how many operations the batch has}
  public int count() {
    return count;
  }

  /// {@return how many bytes the payload has}
  public int size() {
    return bytes.size();
  }

  /// Fills in what stands before the operations.
  ///
  /// @param sequence the number of the first operation
  /// @return the payload, a view that is good until the batch is changed
  public ByteBuffer payload(long sequence) {
    bytes.int64LittleEndianAt(BatchLayout.SEQUENCE_AT, sequence);
    bytes.int32LittleEndianAt(BatchLayout.COUNT_AT, count);
    return bytes.written();
  }
}
