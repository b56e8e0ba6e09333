package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.WriteResult;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a server stops.
@Timeout(60)
class StopTest {

  @Test
  void aStopWaitsForTheRequestInsideAndRefusesLaterOnes() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Served served = Served.ready();
    served.points.writing =
        request -> {
          inside.countDown();
          try {
            assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
          }
          assertThat(served.points.closed).isFalse();
          return new WriteResult(1, 0, List.of());
        };
    CompletableFuture<HttpResponse<String>> write =
        served.client.sendAsync(
            served.request("/write").POST(BodyPublishers.ofString("cpu value=1")).build(),
            BodyHandlers.ofString());
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    Thread stopping = Thread.ofPlatform().start(() -> close(served.server));
    HttpResponse<String> late;
    do {
      late = served.get("/ready");
    } while (late.statusCode() == 200);
    assertThat(late.body()).contains("stopping");
    assertThat(served.post("/write", "cpu value=2").statusCode()).isEqualTo(503);
    go.countDown();
    assertThat(write.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(204);
    stopping.join();
    assertThat(served.points.closed).isTrue();
    assertThat(served.kept().body()).isEqualTo("cpu value=1");
    assertThatThrownBy(() -> served.get("/ping")).isInstanceOf(IOException.class);
    served.client.close();
  }

  @Test
  void closingTwiceDoesNothingMore() throws Exception {
    Served served = Served.ready();
    served.server.close();
    served.server.close();
    assertThat(served.points.closed).isTrue();
    served.client.close();
  }

  @Test
  void pointsThatComeAfterTheStopAreClosed() throws Exception {
    Served served = Served.recovering();
    served.server.close();
    assertThatThrownBy(() -> served.server.serve(served.points))
        .isInstanceOf(IllegalStateException.class);
    assertThat(served.points.closed).isTrue();
    served.client.close();
  }

  private static void close(TidemarkServer server) {
    try {
      server.close();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
