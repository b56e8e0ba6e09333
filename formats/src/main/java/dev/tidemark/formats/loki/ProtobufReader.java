package dev.tidemark.formats.loki;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.nio.ByteBuffer;

/// Walks the fields of one protobuf message. Four small messages need no more than this screen, so
/// no library of protobuf's was taken for them; whatever is not known is passed over, groups, which
/// proto3 has not, are refused.
///
/// Source: protocolbuffers/protobuf, the documentation of its encoding. For one thread at a time.
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteReader reader;
  private final String message;

  // Owned by the caller's thread.
  private int field;
  private int type;

  /// @param bytes the message, from position to limit
  /// @param message its name, for errors
  ProtobufReader(ByteBuffer bytes, String message) {
    reader = ByteReader.of(bytes);
    this.message = message;
  }

  /// Goes to the next field, whose value must then be taken.
  ///
  /// @return its number, or 0 at the end
  int next() throws FormatException {
    if (!reader.hasRemaining()) {
      return 0;
    }
    long tag = reader.varint32("a field of " + message);
    field = (int) (tag >>> 3);
    type = (int) tag & 7;
    if (field == 0) {
      throw reader.wrong("field 0 of " + message);
    }
    return field;
  }

  long number() throws FormatException {
    want(VARINT);
    return reader.varint64(name());
  }

  ByteBuffer bytes() throws FormatException {
    want(BYTES);
    return reader.lengthAndBytes(name());
  }

  Time time() throws FormatException {
    ProtobufReader time = new ProtobufReader(bytes(), "a time");
    long seconds = 0;
    int nanos = 0;
    for (int number = time.next(); number != 0; number = time.next()) {
      switch (number) {
        case 1 -> seconds = time.number();
        case 2 -> nanos = (int) time.number();
        default -> time.skip();
      }
    }
    if (nanos < 0 || nanos >= 1_000_000_000) {
      throw reader.wrong(name() + " is a time with " + nanos + " nanoseconds");
    }
    return new Time(seconds, nanos);
  }

  void skip() throws FormatException {
    switch (type) {
      case VARINT -> number();
      case FIXED_64 -> reader.bytes(8, name());
      case BYTES -> bytes();
      case FIXED_32 -> reader.bytes(4, name());
      default -> throw reader.wrong(name() + " has type " + type);
    }
  }

  private void want(int wanted) throws FormatException {
    if (type != wanted) {
      throw reader.wrong(name() + " has type " + type + " in place of " + wanted);
    }
  }

  private String name() {
    return "field " + field + " of " + message;
  }
}
