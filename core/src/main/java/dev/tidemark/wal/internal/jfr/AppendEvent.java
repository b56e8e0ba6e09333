package dev.tidemark.wal.internal.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/// A blocking append, from the call to its acknowledgement. Only slow ones unless a recording asks
/// for more.
@Name("dev.tidemark.Append")
@Label("Append")
@Description("A blocking append of a record or a batch, from the call to its acknowledgement")
@Threshold("20 ms")
public final class AppendEvent extends LogEvent {
  private static final AppendEvent PROBE = new AppendEvent();

  @Label("LSN")
  @Description("The last one, if it was a batch")
  long lsn;

  @Label("Records")
  int records;

  @Label("Payload")
  @DataAmount
  long payloadBytes;

  private AppendEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable AppendEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    AppendEvent event = new AppendEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param toLog which log
  /// @param lastLsn the last LSN
  /// @param count how many records
  /// @param bytes their payload
  public void done(String toLog, long lastLsn, int count, long bytes) {
    log = toLog;
    lsn = lastLsn;
    records = count;
    payloadBytes = bytes;
    commit();
  }
}
