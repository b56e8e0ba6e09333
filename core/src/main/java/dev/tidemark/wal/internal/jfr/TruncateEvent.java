package dev.tidemark.wal.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/// The low-water mark rose, and segments below it were removed.
@Name("dev.tidemark.Truncate")
@Label("Truncation")
@Description("The low-water mark rose durably, and the segments wholly below it were removed")
public final class TruncateEvent extends LogEvent {
  private static final TruncateEvent PROBE = new TruncateEvent();

  @Label("Low-Water LSN")
  @Description("The smallest LSN still needed")
  long lowWaterLsn;

  @Label("Removed Segments")
  int removed;

  private TruncateEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable TruncateEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    TruncateEvent event = new TruncateEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param lsn the new mark
  /// @param segments how many segments were removed
  public void done(String ofLog, long lsn, int segments) {
    log = ofLog;
    lowWaterLsn = lsn;
    removed = segments;
    commit();
  }
}
