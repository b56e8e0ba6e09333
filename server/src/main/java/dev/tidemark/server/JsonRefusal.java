package dev.tidemark.server;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;

/// Gives what the web server refuses on its own, before or instead of a handler of ours, the shape
/// of every other error.
final class JsonRefusal implements DirectHandler {

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    byte[] body = JsonAnswer.bytes(json -> json.writeStringProperty("error", reason(status)));
    headers.set(HeaderNames.CONTENT_TYPE, "application/json");
    if (status.code() == Status.SERVICE_UNAVAILABLE_503.code()) {
      headers.set(HeaderNames.RETRY_AFTER, Integer.toString(JsonAnswer.RETRY_AFTER_SECONDS));
    }
    return TransportResponse.builder()
        .status(status)
        .headers(headers)
        .keepAlive(type.keepAlive())
        .entity(body)
        .build();
  }

  // Not the message of the exception: it may quote bytes of the request.
  private static String reason(Status status) {
    return switch (status.code()) {
      case 400 -> "the request is not well-formed HTTP";
      case 413 -> "the body is larger than this server takes";
      case 500 -> "internal error; the server's log has the cause";
      case 503 -> "too many requests, or too large ones, at once";
      default -> status.reasonPhrase();
    };
  }
}
