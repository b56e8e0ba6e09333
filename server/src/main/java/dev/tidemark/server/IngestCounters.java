package dev.tidemark.server;

import dev.tidemark.ingest.IngestMetrics;
import dev.tidemark.ingest.ReplayProgress;
import dev.tidemark.wal.WalMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;

/// Shows what ingest and its logs count and time. Before the server is ready there is nothing to
/// show but how far it is. Immutable but for the gate.
final class IngestCounters implements MultiCollector {
  private static final double MILLIS_PER_SECOND = 1e3;

  private final Gate gate;
  private final Families<ReplayProgress> replay = new Families<>();
  private final Families<IngestMetrics> ingest = new Families<>();
  private final Families<WalMetrics> logs = new Families<>();
  private final Families<Points> budgets = BudgetGauges.families();

  IngestCounters(Gate gate) {
    this.gate = gate;
    replay();
    requests();
    flushes();
    logTimes();
    logCounts();
    logGauges();
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    ReplayProgress progress = gate.replay();
    if (progress != null) {
      replay.read(all, Map.of(Labels.EMPTY, progress));
    }
    Points points = gate.peek();
    if (points != null) {
      budgets.read(all, Map.of(Labels.EMPTY, points));
      IngestMetrics now = points.metrics();
      ingest.read(all, Map.of(Labels.EMPTY, now));
      Map<Labels, WalMetrics> byLog = new LinkedHashMap<>();
      byLog.put(Labels.of("log", "shard-0000"), now.shardLog());
      byLog.put(Labels.of("log", "catalog"), now.catalogLog());
      logs.read(all, byLog);
    }
    return all.build();
  }

  private void replay() {
    replay.gauge("replay_records", "Records that the start has read.", ReplayProgress::records);
    replay.gauge("replay_expected_records", "Records that it reads.", ReplayProgress::totalRecords);
    replay.gauge("replay_rows", "Rows taken back into memory by it.", ReplayProgress::rows);
    replay.gauge(
        "replay_remaining_seconds",
        "How long the rest takes at this rate.",
        progress -> progress.remaining().toMillis() / MILLIS_PER_SECOND);
  }

  private void requests() {
    ingest.counter("points", "Points acknowledged.", IngestMetrics::pointsAccepted);
    ingest.counter("rejected_lines", "Lines not stored.", IngestMetrics::linesRejected);
    ingest.counter(
        "stored_bodies", "Bodies stored, wholly or in part.", IngestMetrics::requestsAccepted);
    ingest.counter("refused_bodies", "Bodies with bad content.", IngestMetrics::requestsRefused);
    ingest.counter(
        "unavailable_bodies", "Bodies not served for now.", IngestMetrics::requestsUnavailable);
    ingest.counter("stored_body_bytes", "Bytes of the bodies stored.", IngestMetrics::bodyBytes);
    ingest.gauge("measurements", "Measurements known.", IngestMetrics::measurements);
  }

  private void flushes() {
    ingest.gauge(
        "buffered_rows", "Rows in memory and in no file yet.", IngestMetrics::bufferedRows);
    ingest.gauge("buffered_bytes", "Memory they take.", IngestMetrics::bufferedBytes);
    ingest.gauge("buffer_limit_bytes", "Memory they may take.", IngestMetrics::budgetBytes);
    ingest.gauge("open_flushes", "Flushes under way or waiting.", IngestMetrics::openFlushes);
    ingest.counter("flushed_rows", "Rows written to files.", IngestMetrics::flushedRows);
    ingest.counter("flushed_files", "Files written.", IngestMetrics::flushedFiles);
    ingest.counter("flush_failures", "Flushes that the sink failed.", IngestMetrics::flushFailures);
    ingest.gauge("replayed_rows", "Rows the start read back.", IngestMetrics::replayedRows);
    ingest.gauge(
        "applied_lsn",
        "Largest LSN of the shard's log in memory or in files.",
        IngestMetrics::appliedLsn);
  }

  private void logTimes() {
    logs.times(
        "wal_append",
        "Time from a record's LSN to its acknowledgement.",
        wal -> wal.latencies().append());
    logs.times("wal_sync", "Time of a sync.", wal -> wal.latencies().sync());
    logs.times("wal_rotation", "Time of a change of segments.", wal -> wal.latencies().rotation());
    logs.times(
        "wal_staging_wait", "Time appends waited for room.", wal -> wal.latencies().stagingWait());
    logs.sizes(
        "wal_group_records", "Records of one write.", wal -> wal.groups().records(), 0, 16, 1);
    logs.sizes("wal_group_bytes", "Bytes of one write.", wal -> wal.groups().bytes(), 7, 27, 2);
  }

  private void logCounts() {
    logs.counter("wal_records", "Records made durable.", wal -> wal.counts().records());
    logs.counter("wal_void_records", "LSNs that stay empty.", wal -> wal.counts().voidRecords());
    logs.counter("wal_payload_bytes", "Payload written.", wal -> wal.counts().payloadBytes());
    logs.counter(
        "wal_written_bytes", "Bytes written to segments.", wal -> wal.counts().writtenBytes());
    logs.counter(
        "wal_refusals", "Appends refused for want of space.", wal -> wal.counts().refusals());
  }

  private void logGauges() {
    logs.gauge("wal_last_lsn", "Largest LSN handed out.", wal -> wal.lsns().last());
    logs.gauge(
        "wal_durable_lsn", "Largest LSN that survives a power cut.", wal -> wal.lsns().durable());
    logs.gauge("wal_lag_records", "LSNs handed out and not durable.", wal -> wal.lsns().lag());
    logs.gauge("wal_low_water_lsn", "Smallest LSN still needed.", wal -> wal.lsns().lowWater());
    logs.gauge("wal_disk_bytes", "Segments, spares included.", wal -> wal.files().bytes());
    logs.gauge("wal_segments", "Segments in use.", wal -> wal.files().segments());
    logs.gauge("wal_spares", "Segments prepared.", wal -> wal.files().spares());
    logs.claim("wal_reserve", "1 if the reserve is there.", wal -> wal.files().reserve());
    logs.claim("wal_failed", "1 if the log has failed.", WalMetrics::failed);
    logs.claim(
        "wal_native_access", "1 if the disk is reached by native calls.", WalMetrics::nativeAccess);
  }
}
