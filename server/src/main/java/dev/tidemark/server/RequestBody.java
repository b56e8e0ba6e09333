package dev.tidemark.server;

import dev.tidemark.ingest.body.BadBodyException;
import dev.tidemark.ingest.body.Body;
import dev.tidemark.ingest.body.BodyDecoder;
import dev.tidemark.ingest.body.BodyTooLargeException;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The body of one request as sent, read to its end. Owned by the thread that handles the request;
/// closing it gives its memory back to the budget.
final class RequestBody implements AutoCloseable {
  /// Bodies up to this size are read into an array of their own size at once; larger ones grow with
  /// what really arrives, so that a `Content-Length` alone takes no memory.
  private static final int FIRST_BYTES = 64 << 10;

  private static final int DISCARD_BYTES = 16 << 10;
  private static final Duration DECODE_PATIENCE = Duration.ofSeconds(5);
  private static final byte GZIP_FIRST = 0x1f;
  private static final byte ZSTD_FIRST = 0x28;

  private final BodyBudget budget;
  private byte[] bytes = {};
  private int offset;
  private int length;
  private long heldBytes;

  private RequestBody(BodyBudget budget) {
    this.budget = budget;
  }

  /// The body is larger than the limit.
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(long limitBytes) {
      super("the body is larger than " + limitBytes + " bytes");
    }
  }

  /// There is no memory for the body now.
  static final class NoRoom extends IOException {
    private static final long serialVersionUID = 1L;

    NoRoom() {
      super("too many bytes of request bodies are in flight");
    }
  }

  /// Reads the whole body.
  ///
  /// @param limitBytes the largest body taken
  /// @throws TooLarge if it is larger; what there is of it was read, up to the web server's limit
  /// @throws NoRoom if the budget does not allow it now; it was read and thrown away
  /// @throws CloseConnectionException if the connection fails or the body ends early
  static RequestBody read(ServerRequest request, int limitBytes, BodyBudget budget)
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
      body.fill(request.content().inputStream(), declared, limitBytes);
      return body;
    } catch (Throwable failure) {
      body.close();
      throw failure;
    }
  }

  /// Reads the body and forgets it, so that the client gets to read the answer instead of seeing
  /// its connection reset. A client that waits to be asked for its body is not asked; its
  /// connection is to be ended after the answer, see [#isLeftUnread].
  static void discard(ServerRequest request) throws IOException {
    if (request.content().hasEntity() && request.continueSent()) {
      discard(request.content().inputStream());
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
    if (!budget.take(capacity - (long) bytes.length)) {
      discard(rest);
      throw new NoRoom();
    }
    heldBytes = capacity;
    bytes = Arrays.copyOf(bytes, capacity);
  }

  /// Makes the body plain if it was compressed, and keeps only the plain one.
  ///
  /// Nobody knows before how much comes out. So room for the largest body is taken while it does,
  /// which is short, and worth waiting for.
  ///
  /// @param encoding what the request says it is, or null
  /// @throws NoRoom if there is no room for it now
  /// @throws BadBodyException as [BodyDecoder#decode]
  /// @throws BodyTooLargeException as [BodyDecoder#decode]
  void decode(BodyDecoder decoder, @Nullable String encoding)
      throws NoRoom, BadBodyException, BodyTooLargeException {
    if (!mayBeCompressed()) {
      decoder.decode(bytes, 0, length, encoding);
      return;
    }
    long most = decoder.limitBytes();
    if (!budget.take(most, DECODE_PATIENCE)) {
      throw new NoRoom();
    }
    try {
      Body plain = decoder.decode(bytes, 0, length, encoding);
      bytes = plain.array();
      offset = plain.offset();
      length = plain.length();
      budget.give(heldBytes);
      heldBytes = bytes.length;
      most -= heldBytes;
    } finally {
      budget.give(most);
    }
  }

  // Line protocol starts with neither of the first bytes of the two magic numbers.
  private boolean mayBeCompressed() {
    return length > 0 && (bytes[0] == GZIP_FIRST || bytes[0] == ZSTD_FIRST);
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
    budget.give(heldBytes);
    heldBytes = 0;
    bytes = new byte[0];
    offset = 0;
    length = 0;
  }
}
