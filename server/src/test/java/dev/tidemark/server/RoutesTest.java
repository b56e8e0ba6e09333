package dev.tidemark.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.SinkFailedException;
import dev.tidemark.ingest.UnavailableException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is answered where, ready and not.
@Timeout(60)
class RoutesTest {

  @Test
  void probesOfAReadyServerAreGood() throws Exception {
    try (Served served = Served.ready()) {
      assertThat(served.get("/ping").statusCode()).isEqualTo(204);
      assertThat(served.send(served.request("/ping").HEAD()).statusCode()).isEqualTo(204);
      assertThat(served.get("/ready").statusCode()).isEqualTo(200);
      HttpResponse<String> health = served.get("/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).contains("\"status\":\"pass\"");
    }
  }

  @Test
  void aRecoveringServerAnswersButTakesNothing() throws Exception {
    try (Served served = Served.recovering()) {
      assertThat(served.get("/ping").statusCode()).isEqualTo(204);
      HttpResponse<String> health = served.get("/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).contains("\"status\":\"fail\"").contains("recovering");
      assertRefused(served.get("/ready"));
      for (String route : new String[] {"/write", "/api/v2/write", "/api/v1/write/line-protocol"}) {
        assertRefused(served.post(route, "cpu value=1"));
      }
      assertRefused(served.post("/api/v1/write/flush", ""));
      assertThat(served.get("/metrics").body()).contains("tidemark_ready 0");
      served.server.serve(served.points);
      assertThat(served.get("/ready").statusCode()).isEqualTo(200);
      assertThat(served.post("/write", "cpu value=1").statusCode()).isEqualTo(204);
    }
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(answer.body()).startsWith("{\"error\":\"recovering");
  }

  @Test
  void aFailedLogIsSeenByTheProbes() throws Exception {
    try (Served served = Served.ready()) {
      served.points.refusal = "the log has failed: sync";
      assertThat(served.get("/health").body())
          .contains("\"status\":\"fail\"")
          .contains("the log has failed: sync");
      HttpResponse<String> ready = served.get("/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.headers().firstValue("Retry-After")).isPresent();
      assertThat(served.get("/metrics").body()).contains("tidemark_ready 0");
    }
  }

  @Test
  void filesThatCannotBeWrittenAreSeenAtHealthAndTakeNoWritesAway() throws Exception {
    try (Served served = Served.ready()) {
      served.points.failure = "files cannot be written: no";
      assertThat(served.get("/health").body())
          .contains("\"status\":\"fail\"")
          .contains("files cannot be written");
      assertThat(served.get("/ready").statusCode()).isEqualTo(200);
      assertThat(served.get("/metrics").body()).contains("tidemark_ready 1");
      assertThat(served.post("/write", "cpu value=1").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void bodyRefusedForWantOfMemoryIsCounted() throws Exception {
    try (Served served = Served.ready()) {
      long all = served.points.memory().bodyLimitBytes();
      assertThat(served.points.memory().takeForBody(all, 0)).isTrue();
      HttpResponse<String> answer = served.post("/write", "cpu value=1");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(served.points.unavailable).hasValue(1);
      served.points.memory().giveFromBody(all);
      assertThat(served.post("/write", "cpu value=1").statusCode()).isEqualTo(204);
      assertThat(served.points.unavailable).hasValue(1);
    }
  }

  @Test
  void unknownPathsAre404() throws Exception {
    try (Served served = Served.ready()) {
      for (String path : new String[] {"/", "/writes", "/write/", "/query", "/api/v1/write"}) {
        HttpResponse<String> answer = served.post(path, "cpu value=1");
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(answer.body()).startsWith("{\"error\":\"");
      }
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void otherMethodsAre405AndTheRightOneIsNamed() throws Exception {
    try (Served served = Served.ready()) {
      HttpResponse<String> answer = served.get("/write");
      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
      assertThat(answer.body()).startsWith("{\"error\":\"");
      HttpResponse<String> ping = served.post("/ping", "x");
      assertThat(ping.statusCode()).isEqualTo(405);
      assertThat(ping.headers().firstValue("Allow").orElseThrow()).contains("GET");
      var put = served.request("/write").PUT(BodyPublishers.ofString("cpu value=1"));
      assertThat(served.send(put).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void answersToHeadHaveNoBodyThatTheNextAnswerWouldStartWith() throws Exception {
    try (Served served = Served.ready();
        Socket socket = served.connect()) {
      String next = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
      socket
          .getOutputStream()
          .write(
              ("HEAD /nothing"
                      + next
                      + "\r\nHEAD /health"
                      + next
                      + "\r\nGET /ping"
                      + next
                      + "Connection: close\r\n\r\n")
                  .getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII).split("\r\n\r\n"))
          .hasSize(3)
          .allMatch(answer -> answer.startsWith("HTTP/1.1 "));
    }
  }

  @Test
  void aPathThatIsNoPathIsRefused() throws Exception {
    try (Served served = Served.ready()) {
      for (String path : new String[] {"/write?db=%zz", "/write?db=a%00", "/%2e%2e/write"}) {
        try (Socket socket = served.connect()) {
          socket
              .getOutputStream()
              .write(
                  ("POST "
                          + path
                          + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          + "Content-Length: 3\r\n\r\na=1")
                      .getBytes(US_ASCII));
          socket.shutdownOutput();
          assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
              .as(path)
              .containsPattern("^HTTP/1.1 40[04]");
        }
      }
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void flushTellsHowManyRows() throws Exception {
    try (Served served = Served.ready()) {
      served.points.flushing = () -> 12_345;
      HttpResponse<String> answer = served.post("/api/v1/write/flush", "");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{\"status\":\"success\",\"flushed_rows\":12345}");
    }
  }

  @Test
  void aFlushThatTheSinkFailsIs503() throws Exception {
    try (Served served = Served.ready()) {
      served.points.flushing =
          () -> {
            throw new SinkFailedException("cannot write cpu", new IOException("no space"));
          };
      HttpResponse<String> answer = served.post("/api/v1/write/flush", "");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(answer.body()).isEqualTo("{\"error\":\"cannot write cpu\"}");
    }
  }

  @Test
  void aFlushOfAFailedLogIs503() throws Exception {
    try (Served served = Served.ready()) {
      served.points.flushing =
          () -> {
            throw new UnavailableException("log failed", false, Duration.ofSeconds(7), null);
          };
      HttpResponse<String> answer = served.post("/api/v1/write/flush", "");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
    }
  }

  @Test
  void metricsAreInTheTextFormat() throws Exception {
    try (Served served = Served.ready()) {
      served.post("/write", "cpu value=1");
      served.get("/made/up");
      HttpResponse<String> answer = served.get("/metrics");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/plain");
      assertThat(answer.body())
          .contains("tidemark_http_requests_total{path=\"/write\",status=\"204\"} 1")
          .contains("tidemark_http_requests_total{path=\"other\",status=\"404\"} 1")
          .contains("tidemark_points_total 4")
          .contains("tidemark_memory_budget_bytes ")
          .contains("tidemark_disk_budget_bytes 1000")
          .contains("tidemark_disk_used_bytes 0")
          .contains("tidemark_wal_sync_seconds_count{log=\"shard-0000\"} 3")
          .doesNotContain("made/up");
    }
  }

  @Test
  void malformedRequestsGetTheSameShapeOfError() throws Exception {
    try (Served served = Served.ready();
        Socket socket = served.connect()) {
      socket.getOutputStream().write("POST /write HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 400")
          .contains("{\"error\":");
    }
  }

  @Test
  void onlyTheLoopbackAddressIsBound() throws Exception {
    try (Served served = Served.ready();
        ServerSocket other = new ServerSocket()) {
      // The port is still free on another address of this machine.
      other.bind(new InetSocketAddress("127.0.0.2", served.server.port()));
      assertThat(other.isBound()).isTrue();
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (Served served = Served.ready()) {
      int port = served.server.port();
      assertThatThrownBy(() -> TidemarkServer.bind(ServerOptions.of(Path.of("unused"), port)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:" + port)
          .hasMessageContaining("in use");
    }
  }
}
