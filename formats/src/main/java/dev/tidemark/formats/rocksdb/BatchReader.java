package dev.tidemark.formats.rocksdb;

import static dev.tidemark.formats.rocksdb.BatchLayout.WRITE_TIME_BYTES;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.leveldb.BatchHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A walk over the operations of one write batch, the payload of a record of RocksDB's log.
///
/// For one thread at a time. Nothing is copied: keys and values are views of the payload, good as
/// long as that is. Unlike RocksDB, which drops what is above 32 bits, it takes a length with more
/// for malformed; no writer makes one.
public final class BatchReader {
  private static final ByteBuffer NONE = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final ByteReader bytes;
  private final BatchHeader header;
  // What follows the tag. Owned by the caller's thread, as all below.
  private final ByteBuffer[] parts = {NONE, NONE};

  private long shown;
  private Operation operation = Operation.NOOP;
  private int tag;
  private long columnFamily;

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

  /// Checks a batch to its end.
  ///
  /// @param payload of a record, from position to limit; it stays as it is
  /// @throws FormatException if RocksDB would not take all of it
  public static void check(ByteBuffer payload) throws FormatException {
    BatchReader batch = of(payload);
    while (batch.next()) {
      // Each operation is held to the rules.
    }
  }

  /// {@return what stands before the operations}
  public BatchHeader header() {
    return header;
  }

  /// {@return the sequence number of the first operation that counts}
  public long sequence() {
    return header.sequence();
  }

  /// {@return how many operations the batch says it has, of those that count}
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
    tag = bytes.octet("tag");
    Operation found = Operation.of(tag);
    if (found == null) {
      throw bytes.wrong("unknown WriteBatch tag " + tag);
    }
    operation = found;
    columnFamily = tag == found.familyTag() ? bytes.varint32("column family") : 0;
    for (int part = 0; part < parts.length; part++) {
      parts[part] = part < found.parts() ? bytes.lengthAndBytes(found.part(part)) : NONE;
    }
    if (found == Operation.TIMED_PUT && value().remaining() < WRITE_TIME_BYTES) {
      throw bytes.wrong("bad WriteBatch TimedPut: a value without its time");
    }
    shown += found.isWrite() ? 1 : 0;
    return true;
  }

  /// {@return what the operation does}
  public Operation operation() {
    return operation;
  }

  /// {@return whether a LevelDB could have written the operation}
  boolean isLevelDb() {
    return isLevelDb(tag);
  }

  /// {@return whether LevelDB has such operations}
  static boolean isLevelDb(int tag) {
    return tag == Operation.PUT.tag() || tag == Operation.DELETE.tag();
  }

  /// {@return the column family it writes to, 0 if that is the default one or it writes to none}
  public long columnFamily() {
    return columnFamily;
  }

  /// {@return the first of its parts ([Operation#part]), which is the key of one that writes; empty
  /// if it has none}
  public ByteBuffer key() {
    return parts[0];
  }

  /// {@return the second of its parts ([Operation#part]), which is the value of one that sets a
  /// key; empty if it has none}
  public ByteBuffer value() {
    return parts[1];
  }

  /// Shows the operation: names and values of one object, which the caller has begun and will end.
  ///
  /// @param sink takes them
  void describe(ValueSink sink) {
    sink.name("op");
    sink.text(operation.text());
    if (operation.isWrite()) {
      sink.name("columnFamily");
      sink.number(columnFamily);
    }
    for (int part = 0; part < operation.parts(); part++) {
      ByteBuffer shownPart = parts[part];
      if (operation == Operation.TIMED_PUT && part == 1) {
        int time = shownPart.limit() - WRITE_TIME_BYTES;
        sink.name("writeTime");
        sink.unsigned(shownPart.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong(time));
        shownPart = shownPart.duplicate().limit(time);
      }
      sink.name(operation.part(part));
      sink.bytes(shownPart);
    }
  }
}
