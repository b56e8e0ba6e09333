package dev.tidemark.ingest;

import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.RecordWriter;
import dev.tidemark.wal.Batch;
import java.util.Arrays;

/// Puts the good lines of a body into envelopes: one, or as many as it takes to keep each within a
/// limit. Cuts are made between lines only, so each envelope can be read alone.
///
/// Lines that were refused, comments and blank lines are left out once there is a reason to copy at
/// all; so an envelope never holds what replay would have to refuse again.
final class Envelopes {
  private final WriteRequest request;
  private final GoodLines lines;
  private final int rejected;
  private final int maxBytes;

  /// @param maxBytes the size of the lines in an envelope, except for a single longer line
  Envelopes(WriteRequest request, GoodLines lines, int rejected, int maxBytes) {
    this.request = request;
    this.lines = lines;
    this.rejected = rejected;
    this.maxBytes = maxBytes;
  }

  /// {@return whether one envelope is enough}
  boolean isSingle() {
    return lines.bytes() <= maxBytes;
  }

  /// {@return the one envelope}
  byte[] single() {
    if (lines.isOneRun()) {
      return bytes(request.body(), lines.start(0), lines.end(0) - lines.start(0));
    }
    byte[] copy = new byte[Math.toIntExact(lines.bytes())];
    int used = 0;
    for (int run = 0; run < lines.runs(); run++) {
      used = copy(run, copy, used);
    }
    return bytes(copy, 0, used);
  }

  /// {@return the envelopes, to be appended together}
  Batch batch() {
    Batch batch = new Batch();
    byte[] piece = new byte[maxBytes];
    int used = 0;
    for (int run = 0; run < lines.runs(); run++) {
      int length = lines.end(run) - lines.start(run);
      if (used > 0 && used + length > maxBytes) {
        batch.add(bytes(piece, 0, used));
        used = 0;
      }
      if (length > piece.length) {
        piece = Arrays.copyOf(piece, length);
      }
      used = copy(run, piece, used);
    }
    return batch.add(bytes(piece, 0, used));
  }

  private int copy(int run, byte[] target, int at) {
    int length = lines.end(run) - lines.start(run);
    System.arraycopy(request.body(), lines.start(run), target, at, length);
    return at + length;
  }

  private byte[] bytes(byte[] body, int offset, int length) {
    return RecordWriter.bytes(
        new Envelope(
            request.database(),
            request.precision(),
            request.arrivalNanos(),
            rejected,
            request.idempotencyKey(),
            body,
            offset,
            length));
  }
}
