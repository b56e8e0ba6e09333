package dev.tidemark.leveldb;

/// What a store held at one moment: reads that are given it see nothing newer. To be closed, since
/// what is overwritten is kept for it. Safe for use by any number of threads.
public final class Snapshot implements AutoCloseable {
  private final Snapshots owner;
  private final long sequence;

  // Guarded by this.
  private boolean closed;

  Snapshot(Snapshots owner, long sequence) {
    this.owner = owner;
    this.sequence = sequence;
  }

  /// {@return the sequence number of the last operation it sees}
  ///
  /// @param asked the snapshots of the store that is to be read
  /// @throws IllegalStateException if it is closed
  /// @throws IllegalArgumentException if it is another store's
  synchronized long sequence(Snapshots asked) {
    if (closed) {
      throw new IllegalStateException("the snapshot is closed");
    }
    if (asked != owner) {
      throw new IllegalArgumentException("a snapshot of another store");
    }
    return sequence;
  }

  /// Lets go of what is kept for it. Idempotent.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      owner.release(sequence);
    }
  }
}
