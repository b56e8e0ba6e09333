package dev.tidemark.server;

import dev.tidemark.ingest.IngestMetrics;
import dev.tidemark.wal.WalMetrics;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.ToDoubleFunction;

/// Shows what ingest and its logs count. Before the server is ready there is nothing to show.
final class IngestCounters {
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry;
  private final Gate gate;

  private IngestCounters(PrometheusRegistry registry, Gate gate) {
    this.registry = registry;
    this.gate = gate;
  }

  static void register(PrometheusRegistry registry, Gate gate) {
    IngestCounters counters = new IngestCounters(registry, gate);
    counters.requests();
    counters.flushes();
    counters.logs();
  }

  private void requests() {
    counter("points", "Points acknowledged.", IngestMetrics::pointsAccepted);
    counter("rejected_lines", "Lines not stored.", IngestMetrics::linesRejected);
    counter("stored_bodies", "Bodies stored, wholly or in part.", IngestMetrics::requestsAccepted);
    counter("refused_bodies", "Bodies with bad content.", IngestMetrics::requestsRefused);
    counter("unavailable_bodies", "Bodies not served for now.", IngestMetrics::requestsUnavailable);
    counter("stored_body_bytes", "Bytes of the bodies stored.", IngestMetrics::bodyBytes);
    gauge("measurements", "Measurements known.", IngestMetrics::measurements);
  }

  private void flushes() {
    gauge("buffered_rows", "Rows in memory and in no file yet.", IngestMetrics::bufferedRows);
    gauge("buffered_bytes", "Memory they take.", IngestMetrics::bufferedBytes);
    gauge("buffer_limit_bytes", "Memory they may take.", IngestMetrics::budgetBytes);
    gauge("open_flushes", "Flushes under way or waiting.", IngestMetrics::openFlushes);
    counter("flushed_rows", "Rows written to files.", IngestMetrics::flushedRows);
    counter("flushed_files", "Files written.", IngestMetrics::flushedFiles);
    counter("flush_failures", "Flushes that the sink failed.", IngestMetrics::flushFailures);
    gauge("replayed_rows", "Rows the start read back.", IngestMetrics::replayedRows);
  }

  private void logs() {
    gauge("durable_lsn", "Largest LSN that survives a power cut.", IngestMetrics::durableLsn);
    gauge("applied_lsn", "Largest LSN in memory or in files.", IngestMetrics::appliedLsn);
    gauge("low_water_lsn", "Smallest LSN still needed.", IngestMetrics::lowWaterLsn);
    log("wal_records", "Records that became durable.", wal -> wal.counts().records());
    log("wal_payload_bytes", "Their payload.", wal -> wal.counts().payloadBytes());
    log("wal_written_bytes", "Bytes written to segments.", wal -> wal.counts().writtenBytes());
    log("wal_groups", "Writes that carried records.", wal -> wal.groups().records().count());
    log("wal_syncs", "Syncs of the active segment.", wal -> wal.latencies().sync().count());
    log(
        "wal_sync_seconds",
        "Time in them.",
        wal -> wal.latencies().sync().sum() / NANOS_PER_SECOND);
    log(
        "wal_rotations",
        "Segments activated after the first.",
        wal -> wal.latencies().rotation().count());
    log(
        "wal_staging_waits",
        "Appends that found staging full.",
        wal -> wal.latencies().stagingWait().count());
  }

  private void counter(String name, String help, ToDoubleFunction<IngestMetrics> value) {
    CounterWithCallback.builder()
        .name("tidemark_" + name + "_total")
        .help(help)
        .callback(
            callback -> {
              Points points = gate.peek();
              if (points != null) {
                callback.call(value.applyAsDouble(points.metrics()));
              }
            })
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<IngestMetrics> value) {
    GaugeWithCallback.builder()
        .name("tidemark_" + name)
        .help(help)
        .callback(
            callback -> {
              Points points = gate.peek();
              if (points != null) {
                callback.call(value.applyAsDouble(points.metrics()));
              }
            })
        .register(registry);
  }

  private void log(String name, String help, ToDoubleFunction<WalMetrics> value) {
    CounterWithCallback.builder()
        .name("tidemark_" + name + "_total")
        .help(help)
        .labelNames("log")
        .callback(
            callback -> {
              Points points = gate.peek();
              if (points != null) {
                IngestMetrics metrics = points.metrics();
                callback.call(value.applyAsDouble(metrics.shardLog()), "shard-0000");
                callback.call(value.applyAsDouble(metrics.catalogLog()), "catalog");
              }
            })
        .register(registry);
  }
}
