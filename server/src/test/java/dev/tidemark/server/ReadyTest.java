package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.Recovered;
import dev.tidemark.ingest.RecoveryListener;
import dev.tidemark.ingest.ReplayProgress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server with real logs, stopped in the middle of its recovery.
@Timeout(60)
class ReadyTest {
  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  /// Lets recovery get to its end and no further.
  private static final class Halt implements RecoveryListener {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public void progress(ReplayProgress progress) {}

    @Override
    public void recovered(Recovered recovered) {
      reached.countDown();
      try {
        if (!release.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("never released");
        }
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
    }
  }

  @Test
  void nothingIsTakenBeforeRecoveryHasEndedAndEverythingAfter() throws Exception {
    Halt halt = new Halt();
    try (client;
        TidemarkServer server = TidemarkServer.bind(ServerOptions.of(folder, 0))) {
      CompletableFuture<Void> recovering = CompletableFuture.runAsync(() -> recover(server, halt));
      assertThat(halt.reached.await(30, TimeUnit.SECONDS)).isTrue();
      HttpResponse<String> ready = get(server, "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.headers().firstValue("Retry-After")).hasValue("1");
      HttpResponse<String> write = post(server, "/write?db=nab", "cpu value=1 1");
      assertThat(write.statusCode()).isEqualTo(503);
      assertThat(write.headers().firstValue("Retry-After")).hasValue("1");
      halt.release.countDown();
      recovering.get(30, TimeUnit.SECONDS);
      assertThat(get(server, "/ready").statusCode()).isEqualTo(200);
      assertThat(post(server, "/write?db=nab", "cpu value=1 1").statusCode()).isEqualTo(204);
      assertThat(post(server, "/api/v1/write/flush", "").body())
          .isEqualTo("{\"status\":\"success\",\"flushed_rows\":1}");
    }
  }

  private static void recover(TidemarkServer server, RecoveryListener listener) {
    try {
      server.recover(listener);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private HttpResponse<String> get(TidemarkServer server, String path) throws Exception {
    return client.send(request(server, path).GET().build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(TidemarkServer server, String path, String body)
      throws Exception {
    return client.send(
        request(server, path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(TidemarkServer server, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(Duration.ofSeconds(20));
  }
}
