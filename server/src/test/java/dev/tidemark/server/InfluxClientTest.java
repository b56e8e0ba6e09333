package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.client.write.Point;
import com.influxdb.exceptions.BadRequestException;
import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.RecoveryListener;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.lineprotocol.Precision;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// InfluxDB's own client, as it is, writes here.
@Timeout(60)
class InfluxClientTest {
  @TempDir private Path folder;

  @Test
  void pointsWrittenWithGzipArriveAsLineProtocol() throws Exception {
    try (Served served = Served.ready();
        InfluxDBClient client = connect(served.url())) {
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
  void pointsWrittenWithGzipAreStored() throws Exception {
    try (TidemarkServer server = TidemarkServer.bind(ServerOptions.of(folder, 0));
        HttpClient http = HttpClient.newHttpClient()) {
      server.recover(RecoveryListener.silent());
      String url = "http://127.0.0.1:" + server.port();
      try (InfluxDBClient client = connect(url)) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          points.add(
              Point.measurement("cpu")
                  .addTag("host", "a")
                  .addField("value", i)
                  .time(1_700_000_000_000_000_000L + i, WritePrecision.NS));
        }
        client.getWriteApiBlocking().writePoints(points);
      }
      URI flush = URI.create(url + "/api/v1/write/flush");
      HttpRequest request =
          HttpRequest.newBuilder(flush).POST(HttpRequest.BodyPublishers.noBody()).build();
      assertThat(http.send(request, BodyHandlers.ofString()).body())
          .isEqualTo("{\"status\":\"success\",\"flushed_rows\":100}");
    }
    assertThat(folder.resolve("parquet/telemetry/cpu/2023/11/14/22")).isNotEmptyDirectory();
  }

  @Test
  void theClientUnderstandsARefusal() throws Exception {
    try (Served served = Served.ready();
        InfluxDBClient client = connect(served.url())) {
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
        InfluxDBClient client = connect(served.url())) {
      assertThat(client.ping()).isTrue();
    }
  }

  private static InfluxDBClient connect(String url) {
    return InfluxDBClientFactory.create(url, "any".toCharArray(), "any", "telemetry").enableGzip();
  }
}
