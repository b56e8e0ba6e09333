package dev.tidemark.wal.internal.events;

import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryProgress.Phase;
import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Tells about once a second how far a long read at open has got. For one thread.
///
/// ```java
/// Progress progress = Progress.of(announcer, host, Phase.VERIFY, total);
/// for (…) { progress.at(fileName, bytesSoFar, recordsSoFar); }      // as often as one likes
/// ```
public final class Progress {
  private static final long EVERY_NANOS = 1_000_000_000L;
  // The clock is read once for so many bytes: any disk reads them within a moment.
  private static final long STEP_BYTES = 256 << 10;

  private final @Nullable Announcer announcer;
  private final Host host;
  private final Phase phase;
  private final long totalBytes;
  private final long begunNanos;
  private long toldNanos;
  private long nextBytes = STEP_BYTES;

  private Progress(@Nullable Announcer announcer, Host host, Phase phase, long totalBytes) {
    this.announcer = announcer;
    this.host = host;
    this.phase = phase;
    this.totalBytes = totalBytes;
    begunNanos = host.nanoTime();
    toldNanos = begunNanos;
  }

  /// Begins a phase now.
  ///
  /// @param announcer who passes it on
  /// @param host the clock
  /// @param phase what is being done
  /// @param totalBytes how much there is to read at most
  /// @return its progress
  public static Progress of(Announcer announcer, Host host, Phase phase, long totalBytes) {
    return new Progress(announcer, host, phase, totalBytes);
  }

  /// {@return one that tells nobody}
  public static Progress none() {
    return new Progress(null, Host.system(), Phase.SCAN, 0);
  }

  /// Says how far it is. Cheap enough for every frame.
  ///
  /// @param file what is being read
  /// @param bytes how much was read in this phase
  /// @param records records seen in this phase
  public void at(String file, long bytes, long records) {
    if (bytes >= nextBytes && announcer != null) {
      nextBytes = bytes + STEP_BYTES;
      tell(announcer, file, bytes, records);
    }
  }

  private void tell(Announcer to, String file, long bytes, long records) {
    long now = host.nanoTime();
    if (now - toldNanos < EVERY_NANOS) {
      return;
    }
    toldNanos = now;
    long elapsed = now - begunNanos;
    long rest = (long) (elapsed * (double) Math.max(0, totalBytes - bytes) / Math.max(1, bytes));
    to.recoveryProgress(
        new RecoveryProgress(
            phase,
            file,
            bytes,
            totalBytes,
            records,
            Duration.ofNanos(elapsed),
            Duration.ofNanos(rest)));
  }
}
