package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Says which sealed segments are beyond the size or the age that is to be kept, also while the log
/// is idle. What they hold is then no longer needed, as if the owner had said so; [LowWater]
/// decides what that moves.
///
/// Owned by the [FileThread], which is woken when a segment is sealed.
final class Retention implements FileThread.Chore {
  /// The wall clock may jump, so it is looked at again.
  private static final long MOST_MILLIS = 60_000;

  private final Host host;
  private final LowWater lowWater;
  private final long retainBytes;
  private final long retainMillis;

  /// @param retainBytes how much all segments may take, [Long#MAX_VALUE] for no limit
  /// @param retainAge how long a segment is kept after it was sealed, or null for no limit
  Retention(Host host, LowWater lowWater, long retainBytes, @Nullable Duration retainAge) {
    this.host = host;
    this.lowWater = lowWater;
    this.retainBytes = retainBytes;
    retainMillis = retainAge == null ? Long.MAX_VALUE : retainAge.toMillis();
  }

  /// {@return whether there is any limit}
  boolean isWanted() {
    return retainBytes != Long.MAX_VALUE || retainMillis != Long.MAX_VALUE;
  }

  @Override
  public long step() {
    LogState state = lowWater.state();
    int beyond = Math.max(beyondSize(state), beyondAge(state));
    if (beyond > 0) {
      lowWater.retain(state.lastLsn(beyond - 1) + 1);
      if (lowWater.mayRemove()) {
        try {
          lowWater.removeUnneeded();
        } catch (IOException _) {
          return Long.MAX_VALUE; // the log has failed
        }
      }
    }
    return nanosLeft(state, beyond);
  }

  private int beyondSize(LogState state) {
    long bytes = 0;
    for (SegmentHeader segment : state.segments()) {
      bytes += segment.fileBytes();
    }
    int count = 0;
    while (bytes > retainBytes && count < state.segments().size() - 1) {
      bytes -= state.segments().get(count++).fileBytes();
    }
    return count;
  }

  private int beyondAge(LogState state) {
    int count = 0;
    while (count < state.segments().size() - 1 && millisLeft(state, count) <= 0) {
      count++;
    }
    return count;
  }

  // A segment was sealed when its successor was activated.
  private long millisLeft(LogState state, int index) {
    if (retainMillis == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long age = host.epochMillis() - state.segments().get(index + 1).activatedMillis();
    return retainMillis - age;
  }

  // What is held back now goes when its holder lets go, which is somebody else's affair.
  private long nanosLeft(LogState state, int beyond) {
    if (beyond >= state.segments().size() - 1 || retainMillis == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    return Math.min(MOST_MILLIS, Math.max(1, millisLeft(state, beyond))) * 1_000_000;
  }

  @Override
  public void stop() {
    // Nothing is under way.
  }
}
