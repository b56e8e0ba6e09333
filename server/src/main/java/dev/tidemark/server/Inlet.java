package dev.tidemark.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where the bytes of one connection come in: each read of the socket passes here.
///
/// The web server keeps a chunk of a body in memory until the whole of it is there, however large
/// it is said to be, and waits for a client as long as that pleases. So what has come and was not
/// handed on yet is counted here, and [Stalls] ends a connection that does not get on.
///
/// Used by the one thread that serves the connection; what [Stalls] looks at is volatile.
final class Inlet {
  /// The inlet of the connection that the current thread serves.
  static final ScopedValue<Inlet> CURRENT = ScopedValue.newInstance();

  /// What may wait here without being counted: less than a request body begins with.
  private static final int FREE_BYTES = 64 << 10;

  /// A body's bytes are looked at after so many have come.
  private static final int LOOK_BYTES = 256 << 10;

  private static final long NEVER = Long.MAX_VALUE;

  private final ConnectionContext context;
  private final Limits limits;
  private final DataReader reader = DataReader.create(this::next);

  /// Came before this was there.
  private byte @Nullable [] first;

  // Of the body that is being read; owned by the connection's thread.
  private boolean isInBody;
  private @Nullable BodyMemory memory;
  private long heldBytes;
  private long bodyBytes;
  private long unseenBytes;
  private long bodyNanos;

  /// When the wait under way has lasted too long, by [System#nanoTime()]; [#NEVER] if there is
  /// none. Written by the connection's thread.
  private volatile long deadlineNanos = NEVER;

  /// How long a connection may take.
  ///
  /// @param idle for the next request, and for the rest of a header
  /// @param stall for the next bytes of a body
  /// @param bytesPerSecond what a body that takes longer than `stall` must bring on average
  record Limits(Duration idle, Duration stall, long bytesPerSecond) {
    static final Limits DEFAULTS =
        new Limits(Duration.ofMinutes(5), Duration.ofSeconds(30), 16 << 10);
  }

  /// The chunks that are under way take more memory than there is.
  static final class NoRoomForChunk extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomForChunk() {
      super("too many bytes of request bodies are in flight", null, false, false);
    }
  }

  Inlet(ConnectionContext context, Limits limits) {
    this.context = context;
    this.limits = limits;
    int available = context.dataReader().available();
    this.first = available == 0 ? null : context.dataReader().readBytes(available);
  }

  /// {@return what reads requests from here}
  DataReader reader() {
    return reader;
  }

  /// Says that what comes from now on is a body.
  ///
  /// @param body what it takes its memory from; null if it is thrown away
  void beginBody(@Nullable BodyMemory body) {
    memory = body;
    heldBytes = 0;
    bodyBytes = 0;
    unseenBytes = 0;
    bodyNanos = System.nanoTime();
    isInBody = true;
  }

  /// Says that the body has ended, or that nobody wants the rest of it.
  void endBody() {
    settle(0);
    memory = null;
    isInBody = false;
  }

  private byte @Nullable [] next() {
    byte[] early = first;
    if (early != null) {
      first = null;
      return early;
    }
    deadlineNanos = deadline(System.nanoTime());
    byte[] bytes;
    try {
      bytes = context.serverSocket().get();
    } catch (UncheckedIOException failure) {
      throw new ServerConnectionException("cannot read from the socket", failure);
    } finally {
      deadlineNanos = NEVER;
    }
    if (bytes != null && isInBody) {
      count(bytes.length);
    }
    return bytes;
  }

  private long deadline(long now) {
    if (!isInBody) {
      return now + limits.idle.toNanos();
    }
    long pace = (long) (bodyBytes * 1e9 / limits.bytesPerSecond);
    return Math.min(now, bodyNanos + pace) + limits.stall.toNanos();
  }

  private void count(int bytes) {
    bodyBytes += bytes;
    unseenBytes += bytes;
    if (memory != null && unseenBytes >= LOOK_BYTES) {
      unseenBytes = 0;
      // All that was handed on before has been copied: the web server asks for more only then.
      settle(Math.max(0, reader.available() + bytes - FREE_BYTES));
    }
  }

  private void settle(long wantedBytes) {
    BodyMemory body = memory;
    if (body == null) {
      return;
    }
    if (wantedBytes < heldBytes) {
      body.give(heldBytes - wantedBytes);
    } else if (wantedBytes > heldBytes && !body.take(wantedBytes - heldBytes)) {
      throw new NoRoomForChunk();
    }
    heldBytes = wantedBytes;
  }

  /// Ends the connection if it has kept the server waiting for too long. For [Stalls].
  ///
  /// @return whether it did
  boolean endIfLate(long now) {
    long deadline = deadlineNanos;
    if (deadline == NEVER || now - deadline < 0) {
      return false;
    }
    try {
      context.serverSocket().close();
    } catch (UncheckedIOException alreadyGone) {
      throw new CloseConnectionException("the connection is gone", alreadyGone);
    }
    return true;
  }
}
