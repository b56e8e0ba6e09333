package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.RowBuffer;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.record.Intent;
import org.jspecify.annotations.Nullable;

/// Where one measurement of one shard stands. All fields are guarded by the lock of [Buffers].
final class MeasurementRows {
  final Measurement measurement;

  /// Rows at or below are in files, as a DONE that was found says.
  long doneTo;

  /// The end of the last range that was cut, 0 if none is known.
  long endLsn;

  /// A flush that a crash interrupted and whose rows are not all back yet: rows up to its end go to
  /// it and to nothing else.
  @Nullable Intent redo;

  /// Rows that no flush has taken yet.
  @Nullable RowBuffer filling;

  /// When the first of them came, in nanoseconds of the clock.
  long fillingSinceNanos;

  /// The one flush under way.
  @Nullable Flush open;

  MeasurementRows(Measurement measurement) {
    this.measurement = measurement;
  }
}
