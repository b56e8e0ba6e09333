package dev.tidemark.server;

import dev.tidemark.ingest.BadLinesException;
import dev.tidemark.ingest.UnavailableException;
import dev.tidemark.ingest.WriteRequest;
import dev.tidemark.ingest.WriteResult;
import dev.tidemark.ingest.body.BadBodyException;
import dev.tidemark.ingest.body.BodyDecoder;
import dev.tidemark.ingest.body.BodyTooLargeException;
import dev.tidemark.ingest.body.NoRoomException;
import dev.tidemark.ingest.lineprotocol.LineError;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;

/// Takes bodies of line protocol: read whole, decoded, stored, answered. What is acknowledged here
/// is durable, for [Points#write] returns only then. Safe for any number of threads.
final class Writes {
  /// Set to `unknown` on an answer that leaves open whether the points are stored.
  static final HeaderName OUTCOME = HeaderNames.create("X-Tidemark-Outcome");

  private static final Logger LOGGER = LoggerFactory.getLogger(Writes.class);
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Gate gate;
  private final int maxBodyBytes;
  private final BodyDecoder decoder;
  private final Clock clock;

  Writes(Gate gate, int maxBodyBytes, Clock clock) {
    this.gate = gate;
    this.maxBodyBytes = maxBodyBytes;
    this.decoder = BodyDecoder.of(maxBodyBytes);
    this.clock = clock;
  }

  /// {@return the handler for routes that speak a dialect}
  Handler handler(WriteDialect dialect) {
    return (request, response) -> handle(dialect, request, response);
  }

  private void handle(WriteDialect dialect, ServerRequest request, ServerResponse response)
      throws IOException {
    Points present = gate.peek();
    if (present == null) {
      // Without keeping the body: while nothing can be stored, memory is recovery's.
      RequestBody.discard(request);
      unavailable(response);
      return;
    }
    try (RequestBody body = RequestBody.read(request, maxBodyBytes, present.memory())) {
      WriteDialect.Parameters parameters = dialect.parameters(request);
      body.decode(decoder, encoding(request));
      store(response, parameters, body);
    } catch (RequestBody.TooLarge | BodyTooLargeException tooLarge) {
      JsonAnswer.error(response, Status.REQUEST_ENTITY_TOO_LARGE_413, JsonAnswer.reason(tooLarge));
    } catch (NoRoomException busy) {
      present.countUnavailable();
      JsonAnswer.unavailable(response, JsonAnswer.reason(busy), JsonAnswer.RETRY_AFTER_SECONDS);
    } catch (BadBodyException | IllegalArgumentException refused) {
      JsonAnswer.error(response, Status.BAD_REQUEST_400, JsonAnswer.reason(refused));
    }
  }

  private static @Nullable String encoding(ServerRequest request) {
    return request.headers().contains(HeaderNames.CONTENT_ENCODING)
        ? request.headers().get(HeaderNames.CONTENT_ENCODING).values()
        : null;
  }

  private void store(
      ServerResponse response, WriteDialect.Parameters parameters, RequestBody body) {
    Points points;
    try {
      points = gate.enter();
    } catch (Gate.ClosedGate closed) {
      unavailable(response);
      return;
    }
    // The answer is sent inside the gate, so that a stop does not overtake it.
    try {
      store(response, points, parameters, body);
    } finally {
      gate.leave();
    }
  }

  private void store(
      ServerResponse response,
      Points points,
      WriteDialect.Parameters parameters,
      RequestBody body) {
    WriteResult result;
    try {
      result = write(points, parameters, body);
    } catch (BadLinesException refused) {
      String message = JsonAnswer.reason(refused);
      JsonAnswer.send(
          response, Status.BAD_REQUEST_400, json -> describe(json, message, refused.result()));
      return;
    } catch (UnavailableException unavailable) {
      unavailable(response, unavailable);
      return;
    } catch (IllegalArgumentException refused) {
      throw refused;
    } catch (RuntimeException | Error defect) {
      defect(response, defect);
      return;
    }
    answer(response, result);
  }

  // The body's memory is given back before the answer: who has it may send the next body.
  private WriteResult write(Points points, WriteDialect.Parameters parameters, RequestBody body)
      throws BadLinesException, UnavailableException {
    try (body) {
      Instant now = clock.instant();
      return points.write(
          new WriteRequest(
              parameters.database(),
              parameters.precision(),
              parameters.partial(),
              body.bytes(),
              body.offset(),
              body.length(),
              now.getEpochSecond() * NANOS_PER_SECOND + now.getNano(),
              parameters.idempotencyKey()));
    }
  }

  private static void answer(ServerResponse response, WriteResult result) {
    if (result.rejected() == 0) {
      response.status(Status.NO_CONTENT_204).send();
      return;
    }
    JsonAnswer.send(
        response,
        Status.OK_200,
        json -> describe(json, "some lines are bad; the others are stored", result));
  }

  private static void describe(JsonGenerator json, String message, WriteResult result) {
    json.writeStringProperty("error", message);
    json.writeNumberProperty("accepted", result.accepted());
    json.writeNumberProperty("rejected", result.rejected());
    json.writeArrayPropertyStart("errors");
    for (LineError error : result.errors()) {
      json.writeStartObject();
      json.writeNumberProperty("line", error.line());
      json.writeNumberProperty("column", error.column());
      json.writeStringProperty("reason", error.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void unavailable(ServerResponse response) {
    JsonAnswer.unavailable(response, gate.message(), JsonAnswer.RETRY_AFTER_SECONDS);
  }

  // Nobody knows how far it came, so it is not said that nothing was stored.
  private static void defect(ServerResponse response, Throwable defect) {
    LOGGER.error("A write failed in a way nobody thought of; its outcome is unknown", defect);
    response.header(OUTCOME, "unknown");
    JsonAnswer.error(
        response,
        Status.INTERNAL_SERVER_ERROR_500,
        "internal error; the server's log has the cause");
  }

  private static void unavailable(ServerResponse response, UnavailableException unavailable) {
    if (unavailable.outcomeUnknown()) {
      LOGGER.error("A write has an unknown outcome", unavailable);
      response.header(OUTCOME, "unknown");
    }
    long seconds = unavailable.retryAfter().plusMillis(999).toSeconds();
    JsonAnswer.unavailable(response, JsonAnswer.reason(unavailable), seconds);
  }
}
