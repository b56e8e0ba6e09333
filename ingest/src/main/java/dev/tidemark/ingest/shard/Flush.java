package dev.tidemark.ingest.shard;

import dev.tidemark.ingest.buffer.RowBuffer;
import dev.tidemark.ingest.record.Intent;
import org.jspecify.annotations.Nullable;

/// One flush: rows that were cut off between two records, and how far they are on their way.
final class Flush {
  final MeasurementRows owner;
  final Intent intent;
  final RowBuffer rows;

  /// Whether a crash interrupted it and its intent is in the log already.
  final boolean isRedo;

  // Owned by the worker that runs the flush; handed on through the queue.
  boolean intentDurable;
  int hoursDone;

  // Guarded by the lock of Buffers.
  int failures;
  @Nullable Throwable lastFailure;
  boolean isWaiting;

  Flush(MeasurementRows owner, Intent intent, RowBuffer rows, boolean isRedo) {
    this.owner = owner;
    this.intent = intent;
    this.rows = rows;
    this.isRedo = isRedo;
    this.intentDurable = isRedo;
  }

  @Override
  public String toString() {
    return owner.measurement + " LSN " + intent.from() + " to " + intent.to();
  }
}
