package dev.tidemark.leveldb;

import java.util.TreeMap;
import java.util.function.LongSupplier;

/// The snapshots that are open. Safe for use by any number of threads.
final class Snapshots {
  private final LongSupplier lastSequence;

  /// How many snapshots there are of a sequence number. Guarded by this.
  private final TreeMap<Long, Integer> counts = new TreeMap<>();

  Snapshots(LongSupplier lastSequence) {
    this.lastSequence = lastSequence;
  }

  synchronized Snapshot take() {
    // Read under the lock: compaction must not ask for the oldest in between.
    long sequence = lastSequence.getAsLong();
    counts.merge(sequence, 1, Integer::sum);
    return new Snapshot(this, sequence);
  }

  synchronized void release(long sequence) {
    counts.computeIfPresent(sequence, (same, count) -> count == 1 ? null : count - 1);
  }

  /// {@return the sequence number of the oldest state that somebody may read from now on}
  synchronized long oldest() {
    return counts.isEmpty() ? lastSequence.getAsLong() : counts.firstKey();
  }
}
