package dev.tidemark.wal.internal.jfr;

import dev.tidemark.wal.RecoveryReport;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/// A log that was opened.
@Name("dev.tidemark.Recover")
@Label("Recovery")
@Description("A log was opened and what a crash left of it recovered")
public final class RecoverEvent extends LogEvent {
  private static final RecoverEvent PROBE = new RecoverEvent();

  @Label("Verdict")
  @Description("How the log ended")
  String verdict = "";

  @Label("First LSN")
  long firstLsn;

  @Label("Last LSN")
  long lastLsn;

  @Label("Unproven Records")
  @Description("Records that were written again because nothing promised them durable")
  long unproven;

  @Label("Cut")
  @Description("What was cut behind the last whole frame")
  @DataAmount
  long cutBytes;

  @Label("Segments")
  int segments;

  @Label("Holes")
  @Description("Places that a salvage found damaged and passed over")
  int holes;

  @Label("Lost LSNs")
  @Description("How many LSNs are in them")
  long lostLsns;

  private RecoverEvent() {}

  /// {@return the event begun now, or null if nothing records it}
  public static @Nullable RecoverEvent begun() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    RecoverEvent event = new RecoverEvent();
    event.begin();
    return event;
  }

  /// Ends it.
  ///
  /// @param ofLog which log
  /// @param report what was found
  public void done(String ofLog, RecoveryReport report) {
    log = ofLog;
    verdict = report.verdict().toString();
    firstLsn = report.firstLsn();
    lastLsn = report.lastLsn();
    unproven = report.unproven();
    cutBytes = report.cutBytes();
    segments = report.segments();
    holes = report.holes().size();
    lostLsns = report.lostLsns();
    commit();
  }
}
