package dev.tidemark.leveldb;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.BatchReader;
import java.nio.ByteBuffer;

/// Puts the operations of a record of the log into a memory table.
final class Operations {
  static final byte[] NO_VALUE = new byte[0];

  private Operations() {}

  /// Adds all operations.
  ///
  /// @param batch at its beginning; its sequence numbers are valid as far as it has operations
  /// @param table takes them, one after the other, also those before one that is malformed
  /// @return the sequence number behind the last one
  /// @throws FormatException if the batch is malformed
  static long apply(BatchReader batch, MemTable table) throws FormatException {
    long sequence = batch.sequence();
    while (batch.next()) {
      if (sequence < 0 || sequence > InternalKeys.MAX_SEQUENCE) {
        throw new FormatException(
            "sequence number " + Long.toUnsignedString(sequence) + " is above 2^56 - 1", 0);
      }
      ByteBuffer key = batch.key();
      boolean put = batch.operation() == BatchReader.Operation.PUT;
      byte[] internal =
          InternalKeys.of(array(key), sequence, put ? InternalKeys.PUT : InternalKeys.DELETED);
      table.add(internal, put ? array(batch.value()) : NO_VALUE);
      sequence++;
    }
    return sequence;
  }

  private static byte[] array(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return copy;
  }
}
