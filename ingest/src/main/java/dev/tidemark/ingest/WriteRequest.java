package dev.tidemark.ingest;

import dev.tidemark.ingest.lineprotocol.Precision;
import dev.tidemark.ingest.record.RecordWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One body of line protocol, and all that is needed to read it the same way again later.
///
/// @param database the database, checked when it is written
/// @param precision the unit of the timestamps in the body
/// @param partial whether good lines are stored although others are bad; otherwise one bad line
///   refuses the whole body
/// @param body holds the body; lent until [Ingest#write] returns and not changed by anyone
///   meanwhile
/// @param offset where the body starts, in bytes
/// @param length how long it is, in bytes
/// @param arrivalNanos the time of points that state none, in nanoseconds since 1970 UTC
/// @param idempotencyKey the sender's name for this request, at most 256 bytes of UTF-8, or null;
///   it is logged with the body
@SuppressWarnings("ArrayRecordComponent") // lent, never compared
public record WriteRequest(
    String database,
    Precision precision,
    boolean partial,
    byte[] body,
    int offset,
    int length,
    long arrivalNanos,
    @Nullable String idempotencyKey) {

  /// The longest idempotency key, in bytes of UTF-8.
  public static final int MAX_KEY_BYTES = RecordWriter.MAX_KEY_BYTES;

  /// Checks the range of the body.
  ///
  /// @throws IndexOutOfBoundsException if the body does not lie inside its array
  public WriteRequest {
    Objects.checkFromIndexSize(offset, length, body.length);
  }
}
