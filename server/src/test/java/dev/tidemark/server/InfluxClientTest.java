package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.client.write.Point;
import com.influxdb.exceptions.BadRequestException;
import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.lineprotocol.Precision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// InfluxDB's own client, as it is, writes here.
@Timeout(60)
class InfluxClientTest {

  @Test
  void pointsWrittenWithGzipArriveAsLineProtocol() throws Exception {
    try (Served served = Served.ready();
        InfluxDBClient client = connect(served)) {
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        points.add(
            Point.measurement("cpu")
                .addTag("host", "a b")
                .addField("value", 1.5 + i)
                .time(Instant.ofEpochMilli(1_700_000_000_000L + i), WritePrecision.MS));
      }
      client.getWriteApiBlocking().writePoints(points);
      assertThat(served.kept().request().database()).isEqualTo("telemetry");
      assertThat(served.kept().request().precision()).isEqualTo(Precision.MILLISECONDS);
      assertThat(served.kept().body().lines())
          .hasSize(100)
          .startsWith("cpu,host=a\\ b value=1.5 1700000000000");
    }
  }

  @Test
  void theClientUnderstandsARefusal() throws Exception {
    try (Served served = Served.ready();
        InfluxDBClient client = connect(served)) {
      served.points.writing =
          request -> {
            throw new BadLinesException("1 bad line", new WriteResult(0, 1, List.of()));
          };
      assertThatThrownBy(
              () -> client.getWriteApiBlocking().writeRecord(WritePrecision.NS, "cpu value="))
          .isInstanceOf(BadRequestException.class);
    }
  }

  @Test
  void theClientFindsTheServerWell() throws Exception {
    try (Served served = Served.ready();
        InfluxDBClient client = connect(served)) {
      assertThat(client.ping()).isTrue();
    }
  }

  private static InfluxDBClient connect(Served served) {
    return InfluxDBClientFactory.create(served.url(), "any".toCharArray(), "any", "telemetry")
        .enableGzip();
  }
}
