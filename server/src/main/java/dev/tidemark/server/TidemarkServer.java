package dev.tidemark.server;

import dev.tidemark.ingest.Ingest;
import dev.tidemark.ingest.Recovered;
import dev.tidemark.ingest.RecoveryListener;
import dev.tidemark.ingest.ReplayProgress;
import dev.tidemark.wal.WalEvents;
import io.helidon.http.DirectHandler;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The ingest server: HTTP on the loopback address in front of [Ingest].
///
/// ```java
/// try (TidemarkServer server = TidemarkServer.bind(ServerOptions.of(Path.of("data"), 8000))) {
///   server.recover(RecoveryListener.silent()); // answers 503 until this returns
///   ...
/// }
/// ```
///
/// Safe for use by any number of threads; in particular, [#close()] may come while another thread
/// is in [#recover].
public final class TidemarkServer implements AutoCloseable {
  /// How long a stop waits for the requests inside before it closes the log under them.
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(3);

  /// How long a stop waits for connections to end.
  private static final Duration LAST_CONNECTIONS = Duration.ofMillis(500);

  /// How often connections are looked at for stalls.
  private static final Duration STALL_TICK = Duration.ofSeconds(1);

  private static final int MAX_CONNECTIONS = 4096;

  /// A body that is a little too large is read to its end before it is refused, because a
  /// connection that ends earlier is reset and the client never reads why. This is how much too
  /// large; what goes beyond is cut off.
  private static final long EXCESS_BYTES = 64L << 20;

  private final ServerOptions options;
  private final Gate gate = new Gate();
  private final Stalls stalls;
  private final WebServer web;
  private final int port;

  private TidemarkServer(ServerOptions options, Clock clock, Inlet.Limits limits, Duration tick)
      throws IOException {
    this.options = options;
    this.stalls = new Stalls(tick);
    HttpRouting.Builder routing = routing(options, gate, stalls, clock);
    this.web = web(options, routing, new WatchedHttp(stalls, limits)).start();
    // It logs why it cannot start, and does not throw.
    if (!web.isRunning()) {
      stalls.close();
      throw new IOException("cannot listen on 127.0.0.1:" + options.port());
    }
    this.port = web.port();
  }

  /// Binds the port and starts to answer: probes as they should, writes with 503 until [#recover]
  /// has returned.
  ///
  /// @param options how to work
  /// @return the server, not ready yet
  /// @throws IOException if the port cannot be bound; the message names it
  public static TidemarkServer bind(ServerOptions options) throws IOException {
    return bind(options, Clock.systemUTC());
  }

  static TidemarkServer bind(ServerOptions options, Clock clock) throws IOException {
    return bind(options, clock, Inlet.Limits.DEFAULTS, STALL_TICK);
  }

  /// @param limits how long a connection may take
  /// @param tick how often connections are held to that
  static TidemarkServer bind(ServerOptions options, Clock clock, Inlet.Limits limits, Duration tick)
      throws IOException {
    checkPort(options.port());
    return new TidemarkServer(options, clock, limits, tick);
  }

  // So that the message says why.
  private static void checkPort(int port) throws IOException {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(loopback(), port));
    } catch (IOException cause) {
      throw new IOException(
          "cannot listen on 127.0.0.1:" + port + ": " + cause.getMessage(), cause);
    }
  }

  private static WebServer web(
      ServerOptions options, HttpRouting.Builder routing, WatchedHttp http) {
    JsonRefusal refusal = new JsonRefusal();
    DirectHandlers.Builder refusals = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      refusals.addHandler(type, refusal);
    }
    return WebServer.builder()
        .shutdownHook(false)
        .address(loopback())
        .port(options.port())
        .maxPayloadSize(options.maxBodyBytes() + EXCESS_BYTES)
        .maxTcpConnections(MAX_CONNECTIONS)
        .connectionOptions(connection -> connection.tcpNoDelay(true))
        .protocolsDiscoverServices(false)
        .addConnectionSelector(http)
        .shutdownGracePeriod(LAST_CONNECTIONS)
        .contentEncoding(new EncodedBodies())
        .directHandlers(refusals.build())
        .routing(routing)
        .build();
  }

  // Not InetAddress.getLoopbackAddress, which is ::1 on some machines.
  static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static HttpRouting.Builder routing(
      ServerOptions options, Gate gate, Stalls stalls, Clock clock) {
    ServerMetrics metrics = new ServerMetrics(gate, stalls);
    Writes writes = new Writes(gate, options.maxBodyBytes(), clock);
    Probes probes = new Probes(gate);
    Routes routes =
        new Routes()
            .post("/api/v1/write/line-protocol", writes.handler(WriteDialect.STRICT))
            .post("/api/v2/write", writes.handler(WriteDialect.STRICT))
            .post("/write", writes.handler(WriteDialect.V1))
            .post("/api/v1/write/flush", new Flushes(gate)::flush)
            .get("/ping", probes::ping)
            .head("/ping", probes::ping)
            .get("/health", probes::health)
            .get("/ready", probes::ready)
            .get("/metrics", metrics::scrape);
    HttpRouting.Builder routing = HttpRouting.builder().addFilter(metrics.observer(routes.paths()));
    routes.enter(routing);
    return routing;
  }

  /// Recovers what an earlier run acknowledged, and takes writes from then on.
  ///
  /// @param listener hears how recovery gets on
  /// @throws dev.tidemark.wal.WalLockedException if another process has the directory open
  /// @throws dev.tidemark.wal.CorruptWalException if something promised durable is damaged; nothing
  ///   was changed
  /// @throws IOException if the storage fails
  /// @throws IllegalStateException if the server was closed meanwhile
  public void recover(RecoveryListener listener) throws IOException {
    Ingest ingest =
        Ingest.open(options.dataDirectory(), options.ingest(), new Telling(gate, listener));
    serve(Points.of(ingest));
  }

  /// Takes writes from now on and owns the points.
  void serve(Points points) throws IOException {
    if (!gate.open(points)) {
      points.close();
      throw new IllegalStateException("the server was closed");
    }
  }

  /// What a server may take and takes.
  ///
  /// @param memoryBytes heap for rows and request bodies
  /// @param memoryUsedBytes what they take now
  /// @param diskBytes disk for the files of the logs
  /// @param diskUsedBytes what they take now
  public record Budgets(
      long memoryBytes, long memoryUsedBytes, long diskBytes, long diskUsedBytes) {}

  /// {@return what this server may take and takes, as of now}
  ///
  /// @throws IllegalStateException if it does not take writes, before [#recover] has returned or
  ///   after [#close()]
  /// @throws UncheckedIOException if the logs' folder cannot be read
  public Budgets budgets() {
    Points points = gate.peek();
    if (points == null) {
      throw new IllegalStateException(gate.message());
    }
    try {
      return new Budgets(
          points.memory().limitBytes(),
          points.memory().usedBytes(),
          points.disk().limitBytes(),
          points.disk().usedBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// {@return the port it listens on, or did until it was closed}
  public int port() {
    return port;
  }

  /// Stops: takes no more writes, waits some seconds for those under way, writes what is in memory
  /// to files, seals the logs, and then gives up the port. Idempotent.
  ///
  /// While [#recover] is still under way on another thread there is nothing to write; then this
  /// only gives up the port.
  ///
  /// @throws IOException if the logs could not be closed; what was acknowledged is in them
  @Override
  public void close() throws IOException {
    @Nullable Points points = gate.shut(LAST_REQUESTS);
    try {
      if (points != null) {
        points.close();
      }
    } finally {
      web.stop();
      stalls.close();
    }
  }

  /// Lets those who ask `/ready` know how far recovery is.
  private record Telling(Gate gate, RecoveryListener listener) implements RecoveryListener {
    @Override
    public void progress(ReplayProgress progress) {
      gate.replaying(progress);
      listener.progress(progress);
    }

    @Override
    public void recovered(Recovered recovered) {
      listener.recovered(recovered);
    }

    @Override
    public WalEvents walEvents() {
      return new LoggedWal(gate);
    }
  }
}
