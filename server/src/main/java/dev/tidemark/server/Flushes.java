package dev.tidemark.server;

import dev.tidemark.ingest.SinkFailedException;
import dev.tidemark.ingest.UnavailableException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes files on demand. Stateless but for the gate.
final class Flushes {
  private static final Logger LOGGER = LoggerFactory.getLogger(Flushes.class);

  private final Gate gate;

  Flushes(Gate gate) {
    this.gate = gate;
  }

  /// `POST /api/v1/write/flush`: 200 once every point acknowledged before is in a synced file.
  void flush(ServerRequest request, ServerResponse response) throws IOException {
    RequestBody.discard(request);
    Points points;
    try {
      points = gate.enter();
    } catch (Gate.ClosedGate closed) {
      JsonAnswer.unavailable(response, JsonAnswer.reason(closed), JsonAnswer.RETRY_AFTER_SECONDS);
      return;
    }
    try {
      long rows = points.flush();
      JsonAnswer.send(
          response,
          Status.OK_200,
          json -> {
            json.writeStringProperty("status", "success");
            json.writeNumberProperty("flushed_rows", rows);
          });
    } catch (SinkFailedException failed) {
      LOGGER.warn("A flush failed; the rows stay in the log and it is tried again", failed);
      JsonAnswer.unavailable(response, JsonAnswer.reason(failed), JsonAnswer.RETRY_AFTER_SECONDS);
    } catch (UnavailableException unavailable) {
      JsonAnswer.unavailable(
          response,
          JsonAnswer.reason(unavailable),
          unavailable.retryAfter().plusMillis(999).toSeconds());
    } finally {
      gate.leave();
    }
  }
}
