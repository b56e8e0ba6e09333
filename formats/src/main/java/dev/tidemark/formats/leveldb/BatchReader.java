package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;

/// A walk over the operations of one write batch, the payload of a record of LevelDB's log.
///
/// For one thread at a time. Nothing is copied: keys and values are views of the payload, good as
/// long as that is. Like LevelDB, it shows the operations before a malformed one. Unlike LevelDB,
/// which drops what is above 32 bits, it takes a length with more for malformed; no writer makes
/// one.
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
  private final BatchHeader header;

  // All owned by the caller's thread.
  private long shown;
  private Operation operation = Operation.PUT;
  private ByteBuffer key = NONE;
  private ByteBuffer value = NONE;

  private BatchReader(ByteReader bytes, BatchHeader header) {
    this.bytes = bytes;
    this.header = header;
  }

  /// Reads what stands before the operations.
  ///
  /// @param payload of a record, from position to limit; it stays as it is
  /// @return a reader before the first operation
  /// @throws FormatException if it is too small for a batch
  public static BatchReader of(ByteBuffer payload) throws FormatException {
    ByteReader bytes = ByteReader.of(payload);
    return new BatchReader(bytes, BatchHeader.read(bytes));
  }

  /// {@return what stands before the operations}
  public BatchHeader header() {
    return header;
  }

  /// {@return the sequence number of the first operation}
  public long sequence() {
    return header.sequence();
  }

  /// {@return how many operations the batch says it has}
  public long count() {
    return header.count();
  }

  /// Goes to the next operation.
  ///
  /// @return whether there is one
  /// @throws FormatException if what stands there is none, or the batch ends with another number of
  ///   operations than it says
  public boolean next() throws FormatException {
    if (!bytes.hasRemaining()) {
      if (shown != header.count()) {
        throw bytes.wrong(
            "WriteBatch has wrong count: it says " + header.count() + " and holds " + shown);
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
