package dev.tidemark.ingest.record;

import dev.tidemark.ingest.lineprotocol.Precision;
import org.jspecify.annotations.Nullable;

/// A body, or a piece of one cut between lines, with all that is needed to read it the same way at
/// any later time: replay looks at no clock, header or configuration.
///
/// Every line in it was accepted. Lines that were refused (`partial`) are not in it, only counted.
///
/// @param database where the points belong
/// @param precision the unit of the timestamps
/// @param arrivalNanos the time of points that state none, in nanoseconds since 1970 UTC
/// @param rejectedLines how many lines of the body as sent were left out, of all its pieces
///   together
/// @param idempotencyKey the sender's name for the request, or null
/// @param body holds the lines; borrowed, valid as long as whoever made this says
/// @param offset where they start, in bytes
/// @param length how long they are, in bytes
@SuppressWarnings("ArrayRecordComponent") // borrowed, never compared
public record Envelope(
    String database,
    Precision precision,
    long arrivalNanos,
    int rejectedLines,
    @Nullable String idempotencyKey,
    byte[] body,
    int offset,
    int length)
    implements ShardRecord {}
