package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.ReplayProgress;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What `/metrics` shows of ingest and its logs.
class IngestCountersTest {
  private final Gate gate = new Gate();

  private String text() throws IOException {
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(new IngestCounters(gate));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, registry.scrape());
    return text.toString(StandardCharsets.UTF_8);
  }

  @Test
  void beforeAnythingIsKnownNothingIsShown() throws Exception {
    assertThat(text()).isEmpty();
  }

  @Test
  void replayIsShownWhileItLastsAndNotLonger() throws Exception {
    gate.replaying(new ReplayProgress(25, 100, 1 << 20, 7, Duration.ofMillis(4500)));
    assertThat(text())
        .contains("tidemark_replay_records 25.0")
        .contains("tidemark_replay_expected_records 100.0")
        .contains("tidemark_replay_rows 7.0")
        .contains("tidemark_replay_remaining_seconds 4.5");
    assertThat(gate.open(new FakePoints(1 << 20))).isTrue();
    assertThat(text()).doesNotContain("tidemark_replay_remaining_seconds");
  }

  @Test
  void everyLogHasItsHistogramsAndGauges() throws Exception {
    assertThat(gate.open(new FakePoints(1 << 20))).isTrue();
    String text = text();
    for (String log : new String[] {"shard-0000", "catalog"}) {
      for (String what : new String[] {"append", "sync", "rotation", "staging_wait"}) {
        String name = "tidemark_wal_" + what + "_seconds";
        assertThat(text)
            .contains("# TYPE " + name + " histogram")
            .contains(name + "_count{log=\"" + log + "\"} 3")
            .contains(name + "_sum{log=\"" + log + "\"} 2.003")
            .contains(name + "_bucket{log=\"" + log + "\",le=\"+Inf\"} 3");
      }
      assertThat(text)
          .contains("tidemark_wal_group_records_sum{log=\"" + log + "\"} 3.0")
          .contains("tidemark_wal_group_bytes_bucket{log=\"" + log + "\",le=\"128.0\"} 1")
          .contains("tidemark_wal_records_total{log=\"" + log + "\"} 1.0")
          .contains("tidemark_wal_void_records_total{log=\"" + log + "\"} 2.0")
          .contains("tidemark_wal_refusals_total{log=\"" + log + "\"} 5.0")
          .contains("tidemark_wal_lag_records{log=\"" + log + "\"} 2.0")
          .contains("tidemark_wal_low_water_lsn{log=\"" + log + "\"} 3.0")
          .contains("tidemark_wal_disk_bytes{log=\"" + log + "\"} 2.01326592E8")
          .contains("tidemark_wal_reserve{log=\"" + log + "\"} 1.0")
          .contains("tidemark_wal_failed{log=\"" + log + "\"} 0.0")
          .contains("tidemark_wal_native_access{log=\"" + log + "\"} 1.0");
    }
  }

  @Test
  void bucketsAreCumulativeAndEndWithTheCount() throws Exception {
    assertThat(gate.open(new FakePoints(1 << 20))).isTrue();
    String text = text();
    String bucket = "tidemark_wal_sync_seconds_bucket{log=\"shard-0000\",le=";
    // 1 ms, 2 ms and 2 s.
    assertThat(text)
        .contains(bucket + "\"5.24288E-4\"} 0")
        .contains(bucket + "\"0.001048576\"} 1")
        .contains(bucket + "\"0.002097152\"} 2")
        .contains(bucket + "\"1.073741824\"} 2")
        .contains(bucket + "\"2.147483648\"} 3")
        .contains(bucket + "\"68.719476736\"} 3");
  }
}
