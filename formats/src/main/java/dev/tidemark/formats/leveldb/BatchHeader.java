package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/// What stands before the operations of a write batch, which is the same in LevelDB and RocksDB.
///
/// @param sequence the number of the first operation, 64 bits without a sign
/// @param count how many operations the batch says it has
public record BatchHeader(long sequence, long count) {
  // No number is larger, in either system.
  private static final int SEQUENCE_BITS = 56;

  /// Reads a header.
  ///
  /// @param payload at its beginning; behind the header on return
  /// @return the header
  /// @throws FormatException if there are too few bytes for a batch
  public static BatchHeader read(ByteReader payload) throws FormatException {
    if (payload.remaining() < BatchLayout.HEADER_BYTES) {
      throw payload.wrong(
          "log record too small: a write batch has 12 bytes at least, this one has "
              + payload.remaining());
    }
    return new BatchHeader(
        payload.int64LittleEndian("sequence"), payload.int32LittleEndian("count"));
  }

  /// {@return the numbers of a batch's operations; empty if it has not even a header}
  ///
  /// @param payload of a record, from position to limit; it stays as it is
  public static Optional<SequenceRange> sequences(ByteBuffer payload) {
    try {
      BatchHeader header = read(ByteReader.of(payload));
      return Optional.of(new SequenceRange(header.sequence, header.sequence + header.count - 1));
    } catch (FormatException noBatch) {
      return Optional.empty();
    }
  }

  /// {@return the tag of a batch's first operation; empty if the bytes are not how a batch with
  /// operations begins}
  ///
  /// @param beginning of a payload, from position to limit; it stays as it is
  public static OptionalInt firstTag(ByteBuffer beginning) {
    ByteReader bytes = ByteReader.of(beginning);
    try {
      BatchHeader header = read(bytes);
      return header.count > 0 && header.sequence >>> SEQUENCE_BITS == 0
          ? OptionalInt.of(bytes.octet("tag"))
          : OptionalInt.empty();
    } catch (FormatException noBatch) {
      return OptionalInt.empty();
    }
  }

  /// Shows the header: names and values of one object, which the caller has begun and will end.
  ///
  /// @param sink takes them
  public void describe(ValueSink sink) {
    sink.name("sequence");
    sink.unsigned(sequence);
    sink.name("count");
    sink.number(count);
  }
}
