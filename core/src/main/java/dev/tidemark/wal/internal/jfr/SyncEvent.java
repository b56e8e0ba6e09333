package dev.tidemark.wal.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/// A sync of the active segment that succeeded.
@Name("dev.tidemark.Sync")
@Label("Sync")
@Description("A sync of the active segment that succeeded")
@Threshold("20 ms")
@StackTrace(false)
public final class SyncEvent extends LogEvent {
  private static final SyncEvent PROBE = new SyncEvent();

  @Label("Segment")
  @Description("Its number, which in hexadecimal is its file's name")
  long segment;

  @Label("Durable LSN")
  @Description("The largest LSN that survives a power cut from then on")
  long durableLsn;

  private SyncEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable SyncEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    SyncEvent event = new SyncEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param number the segment's number
  /// @param durable the durable LSN
  public void done(String ofLog, long number, long durable) {
    log = ofLog;
    segment = number;
    durableLsn = durable;
    commit();
  }
}
