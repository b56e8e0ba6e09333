package dev.tidemark.wal.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A log failed for good. Has no duration.
@Name("dev.tidemark.Fail")
@Label("Log Failure")
@Description("A log failed for good and takes nothing more")
@StackTrace(false)
public final class FailEvent extends LogEvent {
  @Label("Cause")
  String cause = "";

  private FailEvent() {}

  /// Tells of a failure.
  ///
  /// @param ofLog which log
  /// @param first the cause
  public static void happened(String ofLog, Throwable first) {
    FailEvent event = new FailEvent();
    if (event.isEnabled()) {
      event.log = ofLog;
      event.cause = String.valueOf(first);
      event.commit();
    }
  }
}
