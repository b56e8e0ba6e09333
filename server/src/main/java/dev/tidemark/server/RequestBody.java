package dev.tidemark.server;

import dev.tidemark.ingest.body.BadBodyException;
import dev.tidemark.ingest.body.Body;
import dev.tidemark.ingest.body.BodyDecoder;
import dev.tidemark.ingest.body.BodyTooLargeException;
import dev.tidemark.ingest.body.NoRoomException;
import dev.tidemark.ingest.budget.MemoryBudget;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The body of one request as sent, read to its end. Owned by the thread that handles the request;
/// closing it gives its memory back to the budget.
final class RequestBody implements AutoCloseable {
  /// Bodies up to this size are read into an array of their own size at once; larger ones grow with
  /// what really arrives, so that a `Content-Length` alone takes no memory.
  private static final int FIRST_BYTES = 64 << 10;

  private static final int DISCARD_BYTES = 16 << 10;

  private final BodyMemory memory;
  private byte[] bytes = {};
  private int offset;
  private int length;

  private RequestBody(MemoryBudget budget) {
    this.memory = new BodyMemory(budget);
  }

  /// The body is larger than the limit.
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(long limitBytes) {
      super("the body is larger than " + limitBytes + " bytes");
    }
  }

  /// Reads the whole body.
  ///
  /// @param limitBytes the largest body taken
  /// @throws TooLarge if it is larger; what there is of it was read, up to the web server's limit
  /// @throws NoRoomException if the budget does not allow it now; it was read and thrown away
  /// @throws CloseConnectionException if the connection fails, the body ends early, or it comes too
  ///   slowly
  static RequestBody read(ServerRequest request, int limitBytes, MemoryBudget budget)
      throws IOException {
    RequestBody body = new RequestBody(budget);
    try {
      if (!request.content().hasEntity()) {
        return body;
      }
      long declared = declaredBytes(request.headers());
      if (declared > limitBytes) {
        discard(request);
        throw new TooLarge(limitBytes);
      }
      begin(body.memory);
      body.fill(request.content().inputStream(), declared, limitBytes);
      return body;
    } catch (Throwable failure) {
      end(); // before the memory it counts in is given back
      body.close();
      throw failure;
    } finally {
      end();
    }
  }

  // A body may also be read where no connection is watched: in a test.
  private static void begin(@Nullable BodyMemory memory) {
    if (Inlet.CURRENT.isBound()) {
      Inlet.CURRENT.get().beginBody(memory);
    }
  }

  private static void end() {
    if (Inlet.CURRENT.isBound()) {
      Inlet.CURRENT.get().endBody();
    }
  }

  /// Reads the body and forgets it, so that the client gets to read the answer instead of seeing
  /// its connection reset. A client that waits to be asked for its body is not asked; its
  /// connection is to be ended after the answer, see [#isLeftUnread].
  static void discard(ServerRequest request) throws IOException {
    if (request.content().hasEntity() && request.continueSent()) {
      begin(null);
      try {
        discard(request.content().inputStream());
      } finally {
        end();
      }
    }
  }

  private static void discard(InputStream stream) throws IOException {
    byte[] sink = new byte[DISCARD_BYTES];
    int read;
    do {
      read = read(stream, sink, 0, sink.length);
    } while (read >= 0);
  }

  /// {@return whether the client was never asked for its body and might send it nevertheless, where
  /// the next request is expected}
  static boolean isLeftUnread(ServerRequest request) {
    return request.content().hasEntity() && !request.continueSent();
  }

  private static int read(InputStream stream, byte[] into, int offset, int length)
      throws IOException {
    try {
      return stream.read(into, offset, length);
    } catch (DataReader.InsufficientDataAvailableException | UncheckedIOException gone) {
      throw new CloseConnectionException("the connection ended in the middle of a body", gone);
    } catch (Inlet.NoRoomForChunk noRoom) {
      throw noRoomForChunk(noRoom);
    } catch (NumberFormatException malformed) {
      throw badChunk(malformed);
    } catch (RequestException refused) {
      throw refused.keepAlive() ? badChunk(refused) : refused;
    }
  }

  // Nobody knows where the next request begins, so what follows must not be read as one.
  private static RequestException badChunk(RuntimeException cause) {
    return RequestException.builder()
        .type(DirectHandler.EventType.BAD_REQUEST)
        .message("a chunk of the body is malformed")
        .cause(cause)
        .setKeepAlive(false)
        .build();
  }

  // The rest of the chunk is still to come, and nobody has the memory to wait for it.
  private static RequestException noRoomForChunk(RuntimeException cause) {
    return RequestException.builder()
        .type(DirectHandler.EventType.OTHER)
        .status(Status.SERVICE_UNAVAILABLE_503)
        .message("no memory for a chunk of the body")
        .cause(cause)
        .setKeepAlive(false)
        .build();
  }

  private static long declaredBytes(Headers headers) {
    return headers.contentLength().orElse(-1);
  }

  private void fill(InputStream stream, long declared, int limitBytes) throws IOException {
    int ceiling = declared < 0 ? limitBytes : (int) declared;
    grow(Math.min(ceiling, FIRST_BYTES), stream);
    byte[] next = new byte[1];
    while (true) {
      if (length < bytes.length) {
        int read = read(stream, bytes, length, bytes.length - length);
        if (read < 0) {
          break;
        }
        length += read;
      } else if (read(stream, next, 0, 1) < 0) {
        break;
      } else if (length == ceiling) {
        discard(stream);
        throw new TooLarge(limitBytes);
      } else {
        grow((int) Math.min(ceiling, 2L * bytes.length), stream);
        bytes[length++] = next[0];
      }
    }
    if (declared >= 0 && length != declared) {
      throw new CloseConnectionException("the body ended too early");
    }
  }

  private void grow(int capacity, InputStream rest) throws IOException {
    int before = bytes.length;
    if (!memory.take(capacity)) {
      close();
      begin(null);
      discard(rest);
      throw new NoRoomException();
    }
    bytes = Arrays.copyOf(bytes, capacity);
    memory.give(before);
  }

  /// Makes the body plain if it was compressed, keeps only the plain one, and makes sure of the
  /// memory it takes to store it.
  ///
  /// @param encoding what the request says it is, or null
  /// @throws NoRoomException if there is no room for it now
  /// @throws BadBodyException as [BodyDecoder#decode]
  /// @throws BodyTooLargeException as [BodyDecoder#decode]
  @SuppressWarnings("ReferenceEquality") // is it another array
  void decode(BodyDecoder decoder, @Nullable String encoding)
      throws NoRoomException, BadBodyException, BodyTooLargeException {
    byte[] sent = bytes;
    Body plain = decoder.decode(sent, 0, length, encoding, memory);
    bytes = plain.array();
    offset = plain.offset();
    length = plain.length();
    if (bytes != sent) {
      memory.give(sent.length);
    }
    // For the copy that the log is given.
    if (!memory.take(length)) {
      throw new NoRoomException();
    }
  }

  /// {@return the array that holds the body, and perhaps more; valid until this is closed}
  byte[] bytes() {
    return bytes;
  }

  /// {@return where the body starts in [#bytes()]}
  int offset() {
    return offset;
  }

  /// {@return the length of the body, in bytes}
  int length() {
    return length;
  }

  @Override
  public void close() {
    memory.close();
    bytes = new byte[0];
    offset = 0;
    length = 0;
  }
}
