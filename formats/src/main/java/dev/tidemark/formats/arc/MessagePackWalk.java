package dev.tidemark.formats.arc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.MessageBuffer;
import org.msgpack.core.buffer.MessageBufferInput;
import org.msgpack.value.ValueType;

/// Walks hostile MessagePack, value by value. Every length is held against what is left before
/// memory is taken for it, and nothing calls itself for what is nested.
///
/// For one thread at a time. All methods throw [FormatException] for what is no MessagePack, or
/// none that Arc's decoder takes (vmihailenco/msgpack): of the extensions it knows times alone.
final class MessagePackWalk {
  /// How deep values may be nested that are shown. Passing over them knows no bound.
  static final int MOST_DEPTH = 64;

  private static final int TIMESTAMP = -1;

  private final MessageUnpacker unpacker;
  private final int length;

  /// @param bytes from position to limit; must not change meanwhile
  MessagePackWalk(ByteBuffer bytes) {
    unpacker = MessagePack.newDefaultUnpacker(new Chunks(bytes.duplicate()));
    length = bytes.remaining();
  }

  /// A step that the library may fail in its own ways.
  private interface Step<T> {
    T take() throws IOException;
  }

  /// {@return how many bytes have been passed}
  int offset() {
    return (int) unpacker.getTotalReadBytes();
  }

  /// {@return what kind of value comes next}
  ValueType peek() throws FormatException {
    return guarded(() -> unpacker.getNextFormat().getValueType());
  }

  /// Reads how many values an array has.
  int array() throws FormatException {
    return counted(guarded(unpacker::unpackArrayHeader), 1);
  }

  /// Reads how many names with values a map has.
  int map() throws FormatException {
    return counted(guarded(unpacker::unpackMapHeader), 2);
  }

  /// Reads a name in a map, as Arc's decoder does: a text, bytes or nothing.
  String name() throws FormatException {
    return switch (peek()) {
      case STRING -> text();
      case BINARY -> new String(binary(), UTF_8);
      case NIL -> {
        nil();
        yield "";
      }
      default -> throw wrong("a name that is no text");
    };
  }

  /// Reads a text; what is no UTF-8 in it is replaced.
  String text() throws FormatException {
    return new String(bytes(guarded(unpacker::unpackRawStringHeader)), UTF_8);
  }

  /// Reads nothing.
  void nil() throws FormatException {
    boolean _ = guarded(unpacker::tryUnpackNil);
  }

  /// Passes over a value and all that is in it.
  void skip() throws FormatException {
    for (long left = 1; left > 0; left--) {
      switch (peek()) {
        case ARRAY -> left += array();
        case MAP -> left += 2L * map();
        case EXTENSION -> extension();
        case STRING -> pass(guarded(unpacker::unpackRawStringHeader));
        case BINARY -> pass(guarded(unpacker::unpackBinaryHeader));
        default -> {
          boolean _ =
              guarded(
                  () -> {
                    unpacker.skipValue();
                    return true;
                  });
        }
      }
    }
  }

  /// Shows a value and all that is in it.
  ///
  /// @param sink takes it
  void show(ValueSink sink) throws FormatException {
    // How many values are still to come at each depth; in a map, names count as well.
    long[] left = new long[MOST_DEPTH + 1];
    boolean[] isMap = new boolean[MOST_DEPTH + 1];
    int depth = 0;
    left[0] = 1;
    while (true) {
      while (left[depth] == 0) {
        if (depth == 0) {
          return;
        }
        close(sink, isMap[depth--]);
      }
      left[depth]--;
      if (isMap[depth]) {
        sink.name(name());
        left[depth]--;
      }
      ValueType type = peek();
      if (type != ValueType.ARRAY && type != ValueType.MAP) {
        showScalar(type, sink);
        continue;
      }
      if (depth == MOST_DEPTH) {
        throw wrong("values nested deeper than " + MOST_DEPTH);
      }
      depth++;
      isMap[depth] = type == ValueType.MAP;
      left[depth] = isMap[depth] ? 2L * map() : array();
      open(sink, isMap[depth]);
    }
  }

  /// {@return what to throw for what stands here}
  FormatException wrong(String reason) {
    return new FormatException(reason, offset());
  }

  private static void open(ValueSink sink, boolean map) {
    if (map) {
      sink.beginObject();
    } else {
      sink.beginArray();
    }
  }

  private static void close(ValueSink sink, boolean map) {
    if (map) {
      sink.endObject();
    } else {
      sink.endArray();
    }
  }

  private void showScalar(ValueType type, ValueSink sink) throws FormatException {
    switch (type) {
      case NIL -> {
        nil();
        sink.nothing();
      }
      case BOOLEAN -> sink.bool(guarded(unpacker::unpackBoolean));
      case INTEGER -> showInteger(sink);
      case FLOAT -> sink.number((double) guarded(unpacker::unpackDouble));
      case STRING -> sink.text(text());
      case BINARY -> sink.bytes(ByteBuffer.wrap(binary()));
      default -> showExtension(sink);
    }
  }

  private void showInteger(ValueSink sink) throws FormatException {
    if (guarded(unpacker::getNextFormat) == MessageFormat.UINT64) {
      BigInteger number = guarded(unpacker::unpackBigInteger);
      sink.unsigned(number.longValue());
    } else {
      sink.number((long) guarded(unpacker::unpackLong));
    }
  }

  private void showExtension(ValueSink sink) throws FormatException {
    ExtensionTypeHeader header = extensionHeader();
    sink.text(guarded(() -> unpacker.unpackTimestamp(header)).toString());
  }

  private void extension() throws FormatException {
    pass(extensionHeader().getLength());
  }

  private ExtensionTypeHeader extensionHeader() throws FormatException {
    ExtensionTypeHeader header = guarded(unpacker::unpackExtensionTypeHeader);
    int bytes = header.getLength();
    if (header.getType() != TIMESTAMP || (bytes != 4 && bytes != 8 && bytes != 12)) {
      throw wrong("an extension of type " + header.getType() + " with " + bytes + " bytes");
    }
    return header;
  }

  private byte[] binary() throws FormatException {
    return bytes(guarded(unpacker::unpackBinaryHeader));
  }

  private byte[] bytes(int count) throws FormatException {
    int bytes = counted(count, 1);
    return guarded(() -> unpacker.readPayload(bytes));
  }

  private void pass(int count) throws FormatException {
    byte[] rest = new byte[Math.min(counted(count, 1), 8192)];
    for (int left = count; left > 0; left -= rest.length) {
      int step = Math.min(left, rest.length);
      boolean _ =
          guarded(
              () -> {
                unpacker.readPayload(rest, 0, step);
                return true;
              });
    }
  }

  /// Holds a count against the bytes that are left, of which each takes some.
  private int counted(int count, int bytesEach) throws FormatException {
    long left = length - unpacker.getTotalReadBytes();
    if (count < 0 || (long) count * bytesEach > left) {
      throw wrong(
          Integer.toUnsignedString(count) + " values or bytes, with " + left + " bytes left");
    }
    return count;
  }

  private <T> T guarded(Step<T> step) throws FormatException {
    try {
      return step.take();
    } catch (FormatException wrong) {
      throw wrong;
    } catch (MessagePackException | IOException | ArithmeticException | DateTimeException no) {
      throw wrong("no MessagePack: " + no.getMessage());
    }
  }

  /// Feeds the library, which reads arrays only, from any buffer, a copied piece at a time.
  private static final class Chunks implements MessageBufferInput {
    private static final int MOST_BYTES = 8192;

    private final ByteBuffer rest;

    Chunks(ByteBuffer bytes) {
      rest = bytes;
    }

    // The library takes null for the end.
    @Override
    @SuppressWarnings("NullAway")
    public MessageBuffer next() {
      if (!rest.hasRemaining()) {
        return null;
      }
      // A new one each time: the library may still look at the one before.
      byte[] piece = new byte[Math.min(MOST_BYTES, rest.remaining())];
      rest.get(piece);
      return MessageBuffer.wrap(piece);
    }

    @Override
    public void close() {}
  }
}
