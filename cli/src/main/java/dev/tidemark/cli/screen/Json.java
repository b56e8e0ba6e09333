package dev.tidemark.cli.screen;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/// Writes JSON. Stateless.
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /// {@return one object, as UTF-8}
  ///
  /// @param content writes its properties
  public static byte[] object(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      content.accept(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /// {@return one object, as UTF-8, or null if it is longer than is allowed}
  ///
  /// @param content writes its properties; perhaps only some of them
  /// @param mostBytes how long it may be
  public static byte @Nullable [] object(Consumer<JsonGenerator> content, int mostBytes) {
    Bounded bytes = new Bounded(mostBytes);
    // Not closed if that would write more to it.
    JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes);
    try {
      json.writeStartObject();
      content.accept(json);
      json.writeEndObject();
      json.close();
    } catch (TooLong enough) {
      return null;
    }
    return bytes.toByteArray();
  }

  /// Writes one object as UTF-8, piece by piece.
  ///
  /// @param content writes its properties
  /// @param to takes it; stays open
  /// @throws IOException if it cannot be written; then some of it was
  public static void object(Consumer<JsonGenerator> content, OutputStream to) throws IOException {
    OutputStream open =
        new FilterOutputStream(to) {
          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), open)) {
      json.writeStartObject();
      content.accept(json);
      json.writeEndObject();
    } catch (JacksonIOException failure) {
      throw failure.getCause();
    }
  }

  /// Writes bytes as a text of hexadecimal digits.
  ///
  /// @param json takes a value next
  /// @param bytes from position to limit, which stay
  public static void hex(JsonGenerator json, ByteBuffer bytes) {
    json.writeString(new HexReader(bytes), -1);
  }

  /// Says that an object is longer than is allowed.
  private static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLong() {
      super(null, null, false, false);
    }
  }

  /// Bytes up to a limit.
  private static final class Bounded extends ByteArrayOutputStream {
    private final int most;

    Bounded(int most) {
      super(256);
      this.most = most;
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      if (length > most - size()) {
        throw new TooLong();
      }
      super.write(bytes, from, length);
    }
  }
}
