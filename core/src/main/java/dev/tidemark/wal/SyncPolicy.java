package dev.tidemark.wal;

import java.time.Duration;

/// When an append is acknowledged. Each case says what a crash may lose.
public sealed interface SyncPolicy {

  /// Acknowledge after `fdatasync`: neither a process kill nor a power cut loses an acknowledged
  /// record.
  ///
  /// The default. Metadata that reading the bytes back does not need (times) may lag behind.
  record Fdatasync() implements SyncPolicy {}

  /// Acknowledge after `fsync`: neither a process kill nor a power cut loses an acknowledged
  /// record, and the file's metadata is as durable as its bytes.
  record Fsync() implements SyncPolicy {}

  /// Acknowledge a blocking append once it is written, a non-blocking one once it is staged.
  ///
  /// A process kill loses no record of a blocking append. A power cut loses at most the records
  /// acknowledged within one span of `maxDelay`, always a suffix of the log.
  ///
  /// @param maxDelay the longest time an acknowledged record stays unsynced; acknowledgements stop
  ///   when a sync takes longer than that
  record Async(Duration maxDelay) implements SyncPolicy {

    /// Checks the span.
    ///
    /// @throws IllegalArgumentException if `maxDelay` is not between 1 ms and 1 hour
    public Async {
      if (maxDelay.toMillis() < 1 || maxDelay.compareTo(Duration.ofHours(1)) > 0) {
        throw new IllegalArgumentException("maxDelay must be 1 ms to 1 h: " + maxDelay);
      }
    }
  }

  /// {@return acknowledge after `fdatasync`; the default}
  static SyncPolicy fdatasync() {
    return new Fdatasync();
  }

  /// {@return acknowledge after `fsync`}
  static SyncPolicy fsync() {
    return new Fsync();
  }

  /// Acknowledge before the sync, within a bound.
  ///
  /// @param maxDelay the longest time an acknowledged record stays unsynced
  /// @return the policy
  /// @throws IllegalArgumentException if `maxDelay` is not between 1 ms and 1 hour
  static SyncPolicy async(Duration maxDelay) {
    return new Async(maxDelay);
  }
}
