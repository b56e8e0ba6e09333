package dev.tidemark.server;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;
import java.util.function.Function;

/// Answers those who ask how the server is. Stateless but for the gate.
final class Probes {
  private final Gate gate;

  Probes(Gate gate) {
    this.gate = gate;
  }

  /// `GET /ping`: the process is there.
  void ping(ServerRequest request, ServerResponse response) {
    response.status(Status.NO_CONTENT_204).send();
  }

  /// `GET /health`: 200 in any case, and in the body whether writes and files can be written.
  void health(ServerRequest request, ServerResponse response) {
    Optional<String> trouble = trouble(Points::failure);
    JsonAnswer.send(
        response,
        Status.OK_200,
        json -> {
          json.writeStringProperty("name", "tidemark");
          json.writeStringProperty("status", trouble.isEmpty() ? "pass" : "fail");
          json.writeStringProperty("message", trouble.orElse("ready for writes"));
        });
  }

  /// `GET /ready`: 200 once writes can be taken, 503 before and when they no longer can. That no
  /// file can be written is no reason to send writes elsewhere.
  void ready(ServerRequest request, ServerResponse response) {
    trouble(Points::refusal)
        .ifPresentOrElse(
            text -> JsonAnswer.unavailable(response, text, JsonAnswer.RETRY_AFTER_SECONDS),
            () ->
                JsonAnswer.send(
                    response, Status.OK_200, json -> json.writeStringProperty("status", "ready")));
  }

  private Optional<String> trouble(Function<Points, String> of) {
    Points points = gate.peek();
    if (points == null) {
      return Optional.of(gate.message());
    }
    String failure = of.apply(points);
    return failure.isEmpty() ? Optional.empty() : Optional.of(failure);
  }
}
