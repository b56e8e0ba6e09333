package dev.tidemark.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import java.util.function.DoubleSupplier;

/// What `GET /metrics` tells. Safe for any number of threads.
final class ServerMetrics {
  /// From 100 µs, below which no disk syncs, to about 13 s.
  private static final int LATENCY_BUCKETS = 18;

  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter format = PrometheusTextFormatWriter.create();
  private final Counter requests;
  private final Histogram seconds;

  ServerMetrics(Gate gate, Stalls stalls) {
    requests =
        Counter.builder()
            .name("tidemark_http_requests_total")
            .help("Requests by status; none is a connection that ended before the answer.")
            .labelNames("path", "status")
            .register(registry);
    seconds =
        Histogram.builder()
            .name("tidemark_http_request_seconds")
            .help("Time from a request's header to its answer.")
            .labelNames("path")
            .classicOnly()
            .classicExponentialUpperBounds(0.0001, 2, LATENCY_BUCKETS)
            .register(registry);
    gauge("tidemark_ready", "1 if writes are taken.", () -> isReady(gate) ? 1 : 0);
    gauge("tidemark_requests_in_flight", "Writes and flushes under way.", gate::inside);
    CounterWithCallback.builder()
        .name("tidemark_stalled_connections_total")
        .help("Connections ended because the client did not get on.")
        .callback(callback -> callback.call((double) stalls.ended()))
        .register(registry);
    registry.register(new IngestCounters(gate));
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /// {@return a filter that counts and times every request}
  ///
  /// @param paths the label values; any other path counts as `other`, so that clients cannot make
  ///   up labels
  Filter observer(Set<String> paths) {
    return (chain, request, response) -> {
      long begin = System.nanoTime();
      String sent = request.path().path();
      String path = paths.contains(sent) ? sent : "other";
      String status = "none";
      try {
        chain.proceed();
        status = Integer.toString(response.status().code());
      } finally {
        requests.labelValues(path, status).inc();
        seconds.labelValues(path).observe((System.nanoTime() - begin) / NANOS_PER_SECOND);
      }
    };
  }

  /// `GET /metrics`.
  void scrape(ServerRequest request, ServerResponse response) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream(4096);
    format.write(text, registry.scrape());
    response
        .status(Status.OK_200)
        .header(HeaderNames.CONTENT_TYPE, format.getContentType())
        .send(text.toByteArray());
  }

  // As /ready says.
  private static boolean isReady(Gate gate) {
    Points points = gate.peek();
    return points != null && points.refusal().isEmpty();
  }
}
