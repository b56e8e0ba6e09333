package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// A walk over the operations of one write batch, the payload of a record of LevelDB's log.
///
/// For one thread at a time. Nothing is copied: keys and values are views of the payload, good as
/// long as that is. Like LevelDB, it shows the operations before a malformed one.
public final class BatchReader {
  /// What an operation does.
  public enum Operation {
    /// Sets a key to a value.
    PUT,

    /// Removes a key.
    DELETE
  }

  private static final ByteBuffer NONE = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final ByteReader bytes;
  private final long sequence;
  private final long count;

  // All owned by the caller's thread.
  private long shown;
  private Operation operation = Operation.PUT;
  private ByteBuffer key = NONE;
  private ByteBuffer value = NONE;

  private BatchReader(ByteReader bytes, long sequence, long count) {
    this.bytes = bytes;
    this.sequence = sequence;
    this.count = count;
  }

  /// Reads what stands before the operations.
  ///
  /// @param payload of a record, from position to limit; it stays as it is
  /// @return a reader before the first operation
  /// @throws FormatException if it is too small for a batch
  public static BatchReader of(ByteBuffer payload) throws FormatException {
    if (payload.remaining() < BatchLayout.HEADER_BYTES) {
      throw new FormatException(
          "log record too small: a write batch has 12 bytes at least, this one has "
              + payload.remaining(),
          0);
    }
    ByteReader bytes = ByteReader.of(payload);
    return new BatchReader(
        bytes, bytes.int64LittleEndian("sequence"), bytes.int32LittleEndian("count"));
  }

  /// {@return the sequence number of the first operation}
  public long sequence() {
    return sequence;
  }

  /// {@return how many operations the batch says it has}
  public long count() {
    return count;
  }

  /// Goes to the next operation.
  ///
  /// @return whether there is one
  /// @throws FormatException if what stands there is none, or the batch ends with another number of
  ///   operations than it says
  public boolean next() throws FormatException {
    if (!bytes.hasRemaining()) {
      if (shown != count) {
        throw bytes.wrong("WriteBatch has wrong count: it says " + count + " and holds " + shown);
      }
      return false;
    }
    int tag = bytes.octet("tag");
    switch (tag) {
      case BatchLayout.PUT -> {
        operation = Operation.PUT;
        key = bytes.lengthAndBytes("key of a Put");
        value = bytes.lengthAndBytes("value of a Put");
      }
      case BatchLayout.DELETE -> {
        operation = Operation.DELETE;
        key = bytes.lengthAndBytes("key of a Delete");
        value = NONE;
      }
      default -> throw bytes.wrong("unknown WriteBatch tag " + tag);
    }
    shown++;
    return true;
  }

  /// {@return what the operation does}
  public Operation operation() {
    return operation;
  }

  /// {@return the key of the operation}
  public ByteBuffer key() {
    return key;
  }

  /// {@return the value it sets; empty for one that removes}
  public ByteBuffer value() {
    return value;
  }
}
