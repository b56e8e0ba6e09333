package dev.tidemark.wal.internal.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/// A group on its way from staging to the file, without its sync.
@Name("dev.tidemark.Group")
@Label("Group Write")
@Description("Frames of one group built and written, and the change of segments if one was due")
@Threshold("20 ms")
@StackTrace(false)
public final class GroupEvent extends LogEvent {
  private static final GroupEvent PROBE = new GroupEvent();

  @Label("Last LSN")
  long lastLsn;

  @Label("Records")
  long records;

  @Label("Written")
  @DataAmount
  long writtenBytes;

  private GroupEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable GroupEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    GroupEvent event = new GroupEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param last the last LSN written
  /// @param count how many records
  /// @param bytes what was written
  public void done(String ofLog, long last, long count, long bytes) {
    log = ofLog;
    lastLsn = last;
    records = count;
    writtenBytes = bytes;
    commit();
  }
}
