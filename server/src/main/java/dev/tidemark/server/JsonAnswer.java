package dev.tidemark.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.util.Objects;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Answers with a JSON object. Stateless.
final class JsonAnswer {
  /// How long a client should wait before it asks again, in seconds, when nobody knows better.
  static final int RETRY_AFTER_SECONDS = 1;

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String TYPE = "application/json";

  private JsonAnswer() {}

  /// Sends one object whose properties `content` writes.
  static void send(ServerResponse response, Status status, Consumer<JsonGenerator> content) {
    response.status(status).header(HeaderNames.CONTENT_TYPE, TYPE).send(bytes(content));
  }

  /// Sends `{"error": message}`.
  static void error(ServerResponse response, Status status, String message) {
    send(response, status, json -> json.writeStringProperty("error", message));
  }

  /// Sends 503 with the time after which another try makes sense.
  static void unavailable(ServerResponse response, String message, long retryAfterSeconds) {
    response.header(HeaderNames.RETRY_AFTER, Long.toString(Math.max(1, retryAfterSeconds)));
    error(response, Status.SERVICE_UNAVAILABLE_503, message);
  }

  /// {@return why something was refused, in the words of those who refused it}
  static String reason(Throwable refusal) {
    return Objects.requireNonNullElse(refusal.getMessage(), "refused");
  }

  /// {@return one object whose properties `content` writes, as UTF-8}
  static byte[] bytes(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      content.accept(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
