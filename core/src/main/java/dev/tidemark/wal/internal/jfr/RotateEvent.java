package dev.tidemark.wal.internal.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/// A change of the active segment.
@Name("dev.tidemark.Rotate")
@Label("Rotation")
@Description("A change of the active segment, with the sync of the old one and the wait for a new")
@StackTrace(false)
public final class RotateEvent extends LogEvent {
  private static final RotateEvent PROBE = new RotateEvent();

  @Label("From Segment")
  long from;

  @Label("To Segment")
  long to;

  @Label("First LSN")
  @Description("The first one of the new segment")
  long firstLsn;

  @Label("New Segment's Size")
  @DataAmount
  long fileBytes;

  private RotateEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable RotateEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    RotateEvent event = new RotateEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param oldNumber the number of the segment that was active
  /// @param newNumber the number of the one that is
  /// @param lsn its first LSN
  /// @param bytes its size
  public void done(String ofLog, long oldNumber, long newNumber, long lsn, long bytes) {
    log = ofLog;
    from = oldNumber;
    to = newNumber;
    firstLsn = lsn;
    fileBytes = bytes;
    commit();
  }
}
