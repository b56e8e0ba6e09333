package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.RowBuffer;
import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.ColumnGuess;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.lineprotocol.LineParser;
import dev.tidemark.ingest.lineprotocol.ParseResult;
import dev.tidemark.ingest.lineprotocol.Point;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.UnreadableRecordException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes the rows of one record after the other into [Buffers]. Looks at nothing but the record and
/// the catalog. For one thread.
final class RowAppender {
  private final Buffers buffers;
  private final Catalog catalog;
  private final LineParser parser = new LineParser();
  private final ColumnGuess guess = new ColumnGuess();

  // Owned by the thread that applies.
  private Map<Slice, Measurement> measurements = Map.of();
  private @Nullable MeasurementRows last;
  private long lsn;
  private long appended;
  private long skipped;

  RowAppender(Buffers buffers, Catalog catalog) {
    this.buffers = buffers;
    this.catalog = catalog;
  }

  /// Appends the rows of a record, with the lock of the buffers held.
  ///
  /// @throws UnreadableRecordException if a line is bad, which it was not when it was logged
  void append(Envelope envelope, long recordLsn) throws UnreadableRecordException {
    measurements = catalog.database(envelope.database());
    last = null;
    lsn = recordLsn;
    ParseResult result;
    try {
      result =
          parser.parse(
              envelope.body(),
              envelope.offset(),
              envelope.length(),
              envelope.precision(),
              envelope.arrivalNanos(),
              this::add);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException(at() + e.getMessage(), e);
    }
    if (result.rejected() > 0) {
      throw new UnreadableRecordException(
          at() + "a line that was good when it was logged is bad: " + result.errors());
    }
  }

  private String at() {
    return "shard log, LSN " + lsn + ": ";
  }

  private void add(Point point) {
    MeasurementRows rows = rowsOf(point.measurement());
    try {
      RowBuffer target = buffers.rowsFor(rows, lsn);
      if (target == null) {
        skipped++;
        return;
      }
      int before = target.rows();
      long bytes = target.bytes();
      target.add(point, guess);
      if (target.rows() > before) {
        // A buffer's own size counts with its first row.
        buffers.added(rows, target, before == 0 ? target.bytes() : target.bytes() - bytes);
        appended++;
      }
    } catch (UnreadableRecordException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private MeasurementRows rowsOf(Slice name) {
    MeasurementRows rows = last;
    if (rows != null && isSame(rows.measurement.name(), name)) {
      return rows;
    }
    Measurement measurement = measurements.get(name);
    if (measurement == null) {
      String message = "the catalog has no measurement " + name;
      throw new UncheckedIOException(message, new UnreadableRecordException(message));
    }
    rows = buffers.of(measurement);
    last = rows;
    return rows;
  }

  // Measurements are ASCII, as their rule says.
  private static boolean isSame(String name, Slice slice) {
    if (name.length() != slice.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) != slice.byteAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// {@return how many rows went into buffers so far}
  long appended() {
    return appended;
  }

  /// {@return how many rows were left because a file has them}
  long skipped() {
    return skipped;
  }
}
