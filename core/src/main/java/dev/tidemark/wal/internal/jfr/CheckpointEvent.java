package dev.tidemark.wal.internal.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/// A checkpoint that was taken.
@Name("dev.tidemark.Checkpoint")
@Label("Checkpoint")
@Description("A snapshot was written, synced, read back and entered, and what it replaces removed")
public final class CheckpointEvent extends LogEvent {
  private static final CheckpointEvent PROBE = new CheckpointEvent();

  @Label("LSN")
  @Description("The last record that the snapshot contains")
  long lsn;

  @Label("Size")
  @DataAmount
  long bytes;

  @Label("Verified")
  @Description("Whether it could be read back from the disk, past what is cached")
  boolean verified;

  private CheckpointEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable CheckpointEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    CheckpointEvent event = new CheckpointEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param atLsn the last record that the snapshot contains
  /// @param ofBytes the snapshot's length
  /// @param wasVerified whether it was read back past what is cached
  public void done(String ofLog, long atLsn, long ofBytes, boolean wasVerified) {
    log = ofLog;
    lsn = atLsn;
    bytes = ofBytes;
    verified = wasVerified;
    commit();
  }
}
