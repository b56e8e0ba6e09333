package dev.tidemark.wal;

import java.util.List;
import java.util.Locale;

/// A [RecoveryReport] in words. For one thread, for one text.
final class RecoveryText {
  /// More holes than these are counted, not listed.
  private static final int MOST_HOLES = 20;

  private static final String MARGIN = "           ";

  private final RecoveryReport report;
  private final StringBuilder text = new StringBuilder(256);

  RecoveryText(RecoveryReport report) {
    this.report = report;
  }

  // ---- one line

  String line() {
    text.append(verdict());
    if (report.manifestRebuilt()) {
      text.append("; rebuilt the manifest");
    }
    if (!report.setAside().isEmpty()) {
      text.append("; set aside ").append(counted(report.setAside().size(), "file"));
    }
    text.append("; ").append(content());
    if (report.unproven() > 0) {
      text.append("; ").append(report.unproven());
      text.append(" records written again to make sure of them");
    }
    if (!report.damagedCheckpoint().isEmpty()) {
      text.append("; ").append(damagedCheckpoint());
    }
    for (RecoveryReport.RaisedAck ack : report.raisedAcks()) {
      text.append("; ").append(raised(ack));
    }
    return text.append("; took ").append(report.nanos() / 1_000_000).append(" ms").toString();
  }

  private String verdict() {
    return switch (report.verdict()) {
      case CREATED -> "created an empty log";
      case SEALED -> "the log was closed properly";
      case CLEAN_END -> "the log has no seal and a clean end";
      case UNVOUCHED_TAIL ->
          "cut "
              + report.cutBytes()
              + " bytes that nothing vouches for at byte "
              + report.end()
              + " of "
              + report.file()
              + " (a write the crash tore, never acknowledged as durable)"
              + discarded();
      case SALVAGED ->
          "salvaged a damaged log: "
              + atLeast()
              + counted(report.lostLsns(), "LSN")
              + " lost in "
              + counted(report.holes().size(), "hole");
    };
  }

  private String damagedCheckpoint() {
    return report.damagedCheckpoint()
        + " is damaged and was set aside: what was there before it holds";
  }

  private static String raised(RecoveryReport.RaisedAck ack) {
    return "the last ack of subscription "
        + ack.subscription()
        + " is damaged: it goes on behind LSN "
        + ack.raisedTo();
  }

  private String atLeast() {
    boolean unknown =
        report.holes().stream()
            .anyMatch(hole -> hole.reason() == Hole.Reason.MISSING && hole.count() == 0);
    return unknown ? "at least " : "";
  }

  private String discarded() {
    return report.discardedTo() == 0
        ? ""
        : ", among them LSN " + report.discardedFrom() + " to " + report.discardedTo();
  }

  private String content() {
    if (report.records() == 0) {
      return "it holds no record";
    }
    return "LSN "
        + report.firstLsn()
        + " to "
        + report.lastLsn()
        + " in "
        + counted(report.segments(), "segment");
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  // ---- several lines

  String lines() {
    text.append(verdict()).append('\n');
    found();
    lost();
    done();
    next();
    return text.toString();
  }

  private void found() {
    section("found", content());
    if (report.promisedLsn() > 0) {
      also("promised durable up to LSN " + report.promisedLsn());
    }
    if (report.verifiedBytes() > 0) {
      also(report.verifiedBytes() + " bytes of older segments verified");
    }
    also("in " + String.format(Locale.ROOT, "%.3f", report.nanos() / 1e9) + " s");
  }

  private void lost() {
    List<Hole> holes = report.holes();
    if (report.verdict() == RecoveryReport.Verdict.UNVOUCHED_TAIL) {
      section("lost", "nothing that was promised");
    }
    if (holes.isEmpty()) {
      return;
    }
    section(
        "lost",
        atLeast() + counted(report.lostLsns(), "LSN") + "; the log lists these holes from now on:");
    for (Hole hole : holes.subList(0, Math.min(MOST_HOLES, holes.size()))) {
      also("  " + hole);
    }
    if (holes.size() > MOST_HOLES) {
      also("  and " + (holes.size() - MOST_HOLES) + " more");
    }
  }

  private void done() {
    boolean first = true;
    for (String step : steps()) {
      if (first) {
        section("done", step);
      } else {
        also(step);
      }
      first = false;
    }
  }

  private List<String> steps() {
    List<String> steps = new java.util.ArrayList<>();
    if (report.unproven() > 0) {
      steps.add(counted(report.unproven(), "record") + " written again to make sure of them");
    }
    if (report.manifestRebuilt()) {
      steps.add("the manifest was rebuilt from the segments; whether records below LSN");
      steps.add("  " + report.firstLsn() + " were truncated or are lost, nothing says any more");
    }
    for (String name : report.setAside()) {
      steps.add("set aside, and never read again: " + name);
    }
    if (!report.damagedCheckpoint().isEmpty()) {
      steps.add(damagedCheckpoint());
    }
    report.raisedAcks().forEach(ack -> steps.add(raised(ack)));
    if (report.raisedLsn() > 0) {
      steps.add("the next LSN is " + report.raisedLsn() + ", above all that were ever handed out");
    }
    return steps;
  }

  private void next() {
    if (report.verdict() == RecoveryReport.Verdict.SALVAGED || report.manifestRebuilt()) {
      section("next", "look at the disk and at the kernel's log: something changed these files");
      also("compare what is lost with what was built from the log, or with a copy");
      also("open with onCorruption = FAIL again, so that new damage is not passed over");
    }
  }

  private void section(String name, String line) {
    text.append("  ").append(String.format(Locale.ROOT, "%-9s", name)).append(line).append('\n');
  }

  private void also(String line) {
    text.append(MARGIN).append(line).append('\n');
  }
}
