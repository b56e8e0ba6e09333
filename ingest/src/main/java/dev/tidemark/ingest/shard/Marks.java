package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.record.Done;
import dev.tidemark.ingest.record.Envelope;
import dev.tidemark.ingest.record.Intent;
import dev.tidemark.ingest.record.ShardRecord;
import dev.tidemark.ingest.record.UnreadableRecordException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the INTENT and DONE records of a log say together: the first pass of recovery. For one
/// thread.
final class Marks {
  private final int shard;
  private final Catalog catalog;
  private final Map<Measurement, Mark> marks = new HashMap<>();

  /// Where one measurement stands.
  private static final class Mark {
    private long doneTo;
    private @Nullable Intent open;
  }

  Marks(int shard, Catalog catalog) {
    this.shard = shard;
    this.catalog = catalog;
  }

  /// Takes the next record of the log.
  ///
  /// @throws UnreadableRecordException if it contradicts those before it
  void read(ShardRecord record) throws UnreadableRecordException {
    switch (record) {
      case Envelope envelope -> {}
      case Intent intent -> begin(intent);
      case Done done -> end(done);
    }
  }

  private void begin(Intent intent) throws UnreadableRecordException {
    Mark mark = mark(intent.shard(), intent.database(), intent.measurement());
    Intent open = mark.open;
    // Ranges follow each other. The same one may come twice, when its append was tried again.
    if (intent.from() <= mark.doneTo || (open != null && !open.equals(intent))) {
      throw new UnreadableRecordException(
          intent + " overlaps " + (open == null ? "what was done to " + mark.doneTo : open));
    }
    if (intent.catalogLsn() > catalog.lastLsn()) {
      throw new UnreadableRecordException(
          intent + " knows more than the catalog, which ends at LSN " + catalog.lastLsn());
    }
    mark.open = intent;
  }

  private void end(Done done) throws UnreadableRecordException {
    Mark mark = mark(done.shard(), done.database(), done.measurement());
    Intent open = mark.open;
    if (open != null && open.to() != done.to()) {
      throw new UnreadableRecordException(done + " does not end " + open);
    }
    mark.doneTo = Math.max(mark.doneTo, done.to());
    mark.open = null;
  }

  private Mark mark(int of, String database, String name) throws UnreadableRecordException {
    if (of != shard) {
      throw new UnreadableRecordException("a mark of shard " + of + " in the log of " + shard);
    }
    Measurement measurement = catalog.find(database, name);
    if (measurement == null) {
      throw new UnreadableRecordException(
          "the catalog has no measurement " + database + "/" + name);
    }
    return marks.computeIfAbsent(measurement, key -> new Mark());
  }

  /// Hands what was found to the buffers.
  void applyTo(Buffers buffers) {
    buffers.lock.lock();
    try {
      marks.forEach(
          (measurement, mark) -> {
            MeasurementRows rows = buffers.of(measurement);
            rows.doneTo = mark.doneTo;
            rows.endLsn = mark.doneTo;
            rows.redo = mark.open;
          });
    } finally {
      buffers.lock.unlock();
    }
  }
}
