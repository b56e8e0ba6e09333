package dev.tidemark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.WriteResult;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How bodies are read: whole or not at all, and never more than there is room for.
@Timeout(60)
class BodyTest {
  private static final String ROUTE = "/api/v1/write/line-protocol";
  private static final int LIMIT = 1 << 20;

  @Test
  void aBodyOfExactlyTheLimitIsTaken() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT)) {
      assertThat(served.post(ROUTE, "x".repeat(LIMIT)).statusCode()).isEqualTo(204);
      assertThat(served.kept().body()).hasSize(LIMIT);
    }
  }

  @Test
  void aBodyOneByteLargerIsRefusedAndTheAnswerArrives() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT)) {
      HttpResponse<String> answer = served.post(ROUTE, "x".repeat(LIMIT + 1));
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).isEqualTo("{\"error\":\"the body is larger than 1048576 bytes\"}");
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void aChunkedBodyHasTheSameLimit() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT)) {
      assertThat(chunked(served, LIMIT).statusCode()).isEqualTo(204);
      assertThat(served.kept().body()).hasSize(LIMIT);
      HttpResponse<String> answer = chunked(served, LIMIT + 1);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains("\"error\"");
      assertThat(served.points.kept).hasSize(1);
    }
  }

  private static HttpResponse<String> chunked(Served served, int bytes) throws Exception {
    byte[] body = "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII);
    return served.send(
        served
            .request(ROUTE)
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
  }

  @Test
  void aClientThatAsksFirstIsToldBeforeItSends() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT);
        Socket socket = served.connect()) {
      send(
          socket,
          "POST "
              + ROUTE
              + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n");
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 413")
          .contains("\"error\"");
    }
  }

  @Test
  void aClientThatAsksFirstIsAskedToGoOn() throws Exception {
    try (Served served = Served.ready()) {
      HttpResponse<String> answer =
          served.send(
              served.request(ROUTE).expectContinue(true).POST(BodyPublishers.ofString("a b=1")));
      assertThat(answer.statusCode()).isEqualTo(204);
      assertThat(served.kept().body()).isEqualTo("a b=1");
    }
  }

  @Test
  void anImpossibleLengthIsRefusedAtOnce() throws Exception {
    try (Served served = Served.ready();
        Socket socket = served.connect()) {
      send(
          socket,
          "POST " + ROUTE + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n");
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 413")
          .contains("\"error\"");
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void aBodyThatEndsEarlyIsNotStored() throws Exception {
    try (Served served = Served.ready()) {
      try (Socket socket = served.connect()) {
        send(
            socket,
            "POST " + ROUTE + " HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\ncpu value=1 1\n");
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      }
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void chunksThatEndEarlyAreNotStored() throws Exception {
    try (Served served = Served.ready()) {
      try (Socket socket = served.connect()) {
        send(
            socket,
            "POST "
                + ROUTE
                + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "e\r\ncpu value=1 1\n\r\n");
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      }
      assertThat(served.points.kept).isEmpty();
    }
  }

  @Test
  void aMalformedChunkIsRefusedAndNothingBehindItIsReadAsARequest() throws Exception {
    String hidden = "POST " + ROUTE + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na b=1";
    for (String size : List.of("zz", "-1", "", "7fffffffffffffff")) {
      try (Served served = Served.ready();
          Socket socket = served.connect()) {
        send(
            socket,
            "POST "
                + ROUTE
                + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + size
                + "\r\n"
                + hidden);
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
            .as("a chunk of size '%s'", size)
            .startsWith("HTTP/1.1 400")
            .contains("{\"error\":\"the request is not well-formed HTTP\"}")
            .containsOnlyOnce("HTTP/1.1");
        assertThat(served.points.kept).isEmpty();
      }
    }
  }

  @Test
  void bodiesBeyondTheRoomForAllAreAnswered503AndTheRoomComesBack() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Served served = Served.ready(LIMIT, LIMIT)) {
      served.points.writing =
          request -> {
            inside.countDown();
            await(go);
            return new WriteResult(1, 0, List.of());
          };
      CompletableFuture<HttpResponse<String>> first = later(served, LIMIT);
      await(inside);
      HttpResponse<String> second = served.post(ROUTE, "y");
      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
      go.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(204);
      assertThat(served.post(ROUTE, "z".repeat(LIMIT)).statusCode()).isEqualTo(204);
      assertThat(served.get("/metrics").body()).contains("tidemark_bodies_in_flight_bytes 0");
    }
  }

  private static CompletableFuture<HttpResponse<String>> later(Served served, int bytes) {
    return served.client.sendAsync(
        served.request(ROUTE).POST(BodyPublishers.ofString("x".repeat(bytes))).build(),
        BodyHandlers.ofString());
  }

  @Test
  void refusedBodiesGiveTheirRoomBack() throws Exception {
    try (Served served = Served.ready(LIMIT, 2 * LIMIT)) {
      for (int i = 0; i < 3; i++) {
        assertThat(served.post(ROUTE, "x".repeat(LIMIT + 1)).statusCode()).isEqualTo(413);
        assertThat(served.post(ROUTE + "?precision=x", "x".repeat(LIMIT)).statusCode())
            .isEqualTo(400);
      }
      assertThat(served.post(ROUTE, "x".repeat(LIMIT)).statusCode()).isEqualTo(204);
    }
  }

  private static void send(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
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
