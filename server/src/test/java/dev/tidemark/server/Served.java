package dev.tidemark.server;

import dev.tidemark.ingest.IngestOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/// A real server on a free port with points that are not real, and a client for it.
final class Served implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901234Z");
  private static final int PATIENCE_MILLIS = 20_000;

  final FakePoints points;
  final TidemarkServer server;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Served(ServerOptions options, Inlet.Limits limits) throws IOException {
    points = new FakePoints(options.ingest().memoryBytes());
    server =
        TidemarkServer.bind(
            options, Clock.fixed(NOW, ZoneOffset.UTC), limits, Duration.ofMillis(5));
  }

  static Served ready() throws IOException {
    return ready(ServerOptions.of(Path.of("unused"), 0));
  }

  /// Takes bodies up to `maxBodyBytes` each and `inFlightBytes` together.
  static Served ready(int maxBodyBytes, long inFlightBytes) throws IOException {
    return ready(maxBodyBytes, inFlightBytes, Inlet.Limits.DEFAULTS);
  }

  /// Ends connections that exceed some limits, too.
  static Served ready(int maxBodyBytes, long inFlightBytes, Inlet.Limits limits)
      throws IOException {
    // Bodies may take half.
    IngestOptions ingest = IngestOptions.defaults().withMemoryBytes(2 * inFlightBytes);
    return ready(new ServerOptions(Path.of("unused"), 0, maxBodyBytes, ingest), limits);
  }

  private static Served ready(ServerOptions options) throws IOException {
    return ready(options, Inlet.Limits.DEFAULTS);
  }

  private static Served ready(ServerOptions options, Inlet.Limits limits) throws IOException {
    Served served = new Served(options, limits);
    served.server.serve(served.points);
    return served;
  }

  static Served recovering() throws IOException {
    return new Served(ServerOptions.of(Path.of("unused"), 0), Inlet.Limits.DEFAULTS);
  }

  HttpRequest.Builder request(String pathAndQuery) {
    return HttpRequest.newBuilder(URI.create(url() + pathAndQuery))
        .timeout(Duration.ofMillis(PATIENCE_MILLIS));
  }

  /// {@return a connection for bytes that no client would send}
  Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(TidemarkServer.loopback(), server.port()), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /// {@return the only write that arrived}
  FakePoints.Kept kept() {
    if (points.kept.size() != 1) {
      throw new AssertionError("one write was expected: " + points.kept);
    }
    return points.kept.getFirst();
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
