package dev.tidemark.wal.kernel;

import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What was tried, in figures. Safe for use by any thread.
final class Tally {
  // All guarded by this.
  private final Map<String, Long> counts = new TreeMap<>();
  private long longestSpanNanos;
  private long longestSlackNanos;

  synchronized void count(String what, long howMany) {
    counts.merge(what, howMany, Long::sum);
  }

  void count(String what) {
    count(what, 1);
  }

  void recovered(RecoveryReport report) {
    count("recovered: " + report.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (report.verdict() == Verdict.UNVOUCHED_TAIL && report.discardedTo() > 0) {
      count("recovered: with records discarded behind a gap");
    }
    if (report.unproven() > 0) {
      count("recovered: with unproven records written again");
    }
  }

  void checked(Heard life) {
    count("lives");
    count("acknowledgements checked", life.acks.size());
    count("lives that were answered EIO by the kernel and failed", life.failed ? 1 : 0);
  }

  void lost(int acks) {
    count("acknowledgements lost, as the policy allows", acks);
  }

  synchronized void span(long nanos, long slackNanos) {
    longestSpanNanos = Math.max(longestSpanNanos, nanos);
    longestSlackNanos = Math.max(longestSlackNanos, slackNanos);
  }

  /// {@return how often}
  synchronized long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  /// {@return all of it, a line each}
  synchronized String lines() {
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (what, howMany) -> text.append(String.format(Locale.ROOT, "  %,d %s%n", howMany, what)));
    if (longestSpanNanos > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %.1f ms at most between two acknowledged records that were lost (the bound is"
                  + " %d ms; known to %.1f ms)%n",
              longestSpanNanos / 1e6,
              WorkingProgram.MAX_DELAY.toMillis(),
              longestSlackNanos / 1e6));
    }
    return text.toString();
  }
}
