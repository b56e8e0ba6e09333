package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.io.IOException;

/// Sees to it that no claim stays unpublished for ever: what is behind it could not be written.
/// Nobody else may publish in its place: its owner may still be copying. Owned by the I/O thread.
final class ClaimCheck {
  private final Host host;
  private final Staging staging;
  private final long timeoutNanos;
  private long stuckLsn; // 0 if none is
  private long stuckSinceNanos; // when it was first seen

  /// @param timeoutNanos how long a claim may stay unpublished
  ClaimCheck(Host host, Staging staging, long timeoutNanos) {
    this.host = host;
    this.staging = staging;
    this.timeoutNanos = timeoutNanos;
  }

  /// Looks at the claim that is next. For the lease holder, when everything published is written.
  ///
  /// @throws IOException if it has been unpublished for too long, which fails the log
  void look() throws IOException {
    if (!staging.isClaimed() || staging.isReady()) {
      stuckLsn = 0;
      return;
    }
    long lsn = staging.nextLsn();
    if (lsn != stuckLsn) {
      stuckLsn = lsn;
      stuckSinceNanos = host.nanoTime();
    } else if (host.nanoTime() - stuckSinceNanos >= timeoutNanos) {
      throw new IOException(
          "the payload of LSN "
              + lsn
              + " was not copied within "
              + timeoutNanos / 1_000_000
              + " ms; nothing after it can be written");
    }
  }
}
