package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.WriteResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients that take memory and do not get on, on raw sockets.
@Timeout(60)
class StallTest {
  private static final String ROUTE = "/api/v1/write/line-protocol";
  private static final int LIMIT = 1 << 20;
  private static final Inlet.Limits SHORT =
      new Inlet.Limits(Duration.ofMinutes(5), Duration.ofMillis(100), 1 << 10);
  private static final Inlet.Limits PACED =
      new Inlet.Limits(Duration.ofMinutes(5), Duration.ofSeconds(1), 10 << 20);

  @Test
  void aClientThatSendsHalfABodyLosesItsConnectionAndItsMemory() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT, SHORT);
        Socket socket = served.connect()) {
      send(socket, post("Content-Length: " + LIMIT) + "x".repeat(LIMIT / 2));
      expectEnd(socket);
      awaitMemory(served, 0);
      assertThat(served.points.kept).isEmpty();
      assertThat(served.get("/metrics").body()).contains("tidemark_stalled_connections_total 1");
      assertThat(served.post(ROUTE, "x".repeat(LIMIT)).statusCode()).isEqualTo(204);
    }
  }

  @Test
  void aClientThatStallsInTheMiddleOfAChunkIsNoBetter() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT, SHORT);
        Socket socket = served.connect()) {
      send(socket, post("Transfer-Encoding: chunked") + "fffff\r\n" + "x".repeat(LIMIT / 2));
      expectEnd(socket);
      awaitMemory(served, 0);
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void aClientThatDripsABodyIsEndedAlthoughEveryReadSucceeds() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT, PACED);
        Socket socket = served.connect()) {
      send(socket, post("Content-Length: " + LIMIT));
      int dripped = drip(socket);
      assertThat(dripped).isLessThan(LIMIT);
      awaitMemory(served, 0);
      assertThat(served.get("/metrics").body()).contains("tidemark_stalled_connections_total 1");
    }
  }

  // Until the server has had enough.
  private static int drip(Socket socket) {
    int dripped = 0;
    try {
      while (dripped < LIMIT) {
        socket.getOutputStream().write('x');
        dripped++;
        LockSupport.parkNanos(1_000_000);
      }
    } catch (IOException ended) {
      return dripped;
    }
    return dripped;
  }

  @Test
  void aConnectionThatWaitsBetweenRequestsIsKept() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT, SHORT);
        Socket idle = served.connect();
        Socket stalled = served.connect()) {
      String request = post("Content-Length: 5") + "a b=1";
      send(idle, request);
      expect204(idle);
      // Idle for longer than the other one, which begins later, may stall.
      send(stalled, post("Content-Length: 5") + "a");
      expectEnd(stalled);
      send(idle, request);
      expect204(idle);
      assertThat(served.points.kept).hasSize(2);
    }
  }

  @Test
  void aLargeChunkTakesMemoryAsItComesAndIsRefusedWhenThereIsNoMore() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Served served = Served.ready(8 * LIMIT, 2 * LIMIT);
        Socket socket = served.connect()) {
      served.points.writing =
          request -> {
            inside.countDown();
            await(go);
            return new WriteResult(1, 0, List.of());
          };
      CompletableFuture<HttpResponse<String>> other = later(served, LIMIT / 2);
      await(inside);
      long held = served.points.memory().bodyBytes();
      assertThat(held).isPositive();
      // 64 MiB are announced, and few of them come.
      send(socket, post("Transfer-Encoding: chunked") + "4000000\r\n" + "x".repeat(2 * LIMIT));
      String answer = head(socket.getInputStream());
      assertThat(answer).startsWith("HTTP/1.1 503").contains("Retry-After: 1");
      awaitMemory(served, held);
      go.countDown();
      assertThat(other.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(204);
      awaitMemory(served, 0);
    }
  }

  @Test
  void aLargeChunkIsTakenWhereThereIsMemory() throws Exception {
    try (Served served = Served.ready(2 * LIMIT, 8 * LIMIT);
        Socket socket = served.connect()) {
      String chunk = "y".repeat(LIMIT);
      send(socket, post("Transfer-Encoding: chunked") + "100000\r\n" + chunk + "\r\n0\r\n\r\n");
      expect204(socket);
      assertThat(served.kept().body()).isEqualTo(chunk);
      awaitMemory(served, 0);
    }
  }

  private static CompletableFuture<HttpResponse<String>> later(Served served, int bytes) {
    return served.client.sendAsync(
        served.request(ROUTE).POST(BodyPublishers.ofString("x".repeat(bytes))).build(),
        BodyHandlers.ofString());
  }

  private static String post(String header) {
    return "POST " + ROUTE + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n";
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static void expect204(Socket socket) throws IOException {
    assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 204");
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("the connection ended after " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void expectEnd(Socket socket) {
    try {
      assertThat(socket.getInputStream().read()).isNegative();
    } catch (IOException reset) {
      // Ended as well: what was sent was not read to its end.
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  // The connection ends a moment before its thread has left.
  private static void awaitMemory(Served served, long bytes) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (served.points.memory().bodyBytes() != bytes) {
      assertThat(System.nanoTime())
          .as("held: %d", served.points.memory().bodyBytes())
          .isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("waited in vain");
      }
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
