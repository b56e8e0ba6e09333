package dev.tidemark.wal.internal;

import dev.tidemark.wal.RecoveryReport;
import java.util.ArrayList;
import java.util.List;

/// What opening found, before it is known which LSN is the first. The components are those of
/// [RecoveryReport].
///
/// @param holders who holds the low-water mark
record Findings(
    RecoveryReport.Verdict verdict,
    long lastLsn,
    long promisedLsn,
    long unproven,
    int segments,
    String file,
    long end,
    long cutBytes,
    long discardedFrom,
    long discardedTo,
    FoundHolders holders,
    Salvaged salvaged) {

  /// {@return what is found where there is no log yet}
  static Findings nothing() {
    return new Findings(
        RecoveryReport.Verdict.CREATED,
        0,
        0,
        0,
        0,
        "",
        0,
        0,
        0,
        0,
        FoundHolders.NONE,
        Salvaged.NOTHING);
  }

  /// {@return what the newest segment shows}
  ///
  /// @param promised the largest LSN that anything promises durable
  /// @param salvaged what was done about damage so far
  static Findings of(
      RecoveryReport.Verdict verdict,
      TailScan scan,
      long promised,
      Chain chain,
      FoundHolders holders,
      Salvaged salvaged) {
    SegmentHeader newest = chain.segments().getLast();
    long lastLsn = lastLsn(chain.segments(), scan.lastLsn());
    long discardedTo = scan.highestLsn() > scan.lastLsn() ? scan.highestLsn() : 0;
    return new Findings(
        verdict,
        lastLsn,
        promised,
        Math.max(0, lastLsn - Math.max(promised, newest.firstLsn() - 1)),
        chain.segments().size(),
        SegmentHeader.fileName(newest.number()),
        scan.end(),
        verdict == RecoveryReport.Verdict.UNVOUCHED_TAIL ? scan.dirtyEnd() - scan.end() : 0,
        discardedTo == 0 ? 0 : scan.lastLsn() + 1,
        discardedTo,
        holders,
        salvaged);
  }

  // LSNs that an earlier recovery discarded are no records: a segment without any ends, as the next
  // one states it, with the LSN before its first.
  private static long lastLsn(List<SegmentHeader> segments, long lastLsn) {
    long last = lastLsn;
    for (int i = segments.size() - 1; i >= 0 && last < segments.get(i).firstLsn(); i--) {
      last = segments.get(i).previousLastLsn();
    }
    return last;
  }

  /// {@return the report}
  ///
  /// @param chain the segments of the log as it goes on
  /// @param setAside the new names of files that were set aside at the end
  /// @param nanos how long opening took
  RecoveryReport complete(
      long lowWaterLsn, List<SegmentHeader> chain, List<String> setAside, long nanos) {
    List<String> allAside = new ArrayList<>(salvaged.setAside());
    allAside.addAll(setAside);
    long first = Math.min(Math.max(lowWaterLsn, chain.getFirst().firstLsn()), lastLsn + 1);
    return new RecoveryReport(
        verdict,
        first,
        lastLsn,
        promisedLsn,
        unproven,
        segments,
        file,
        end,
        cutBytes,
        discardedFrom,
        discardedTo,
        holders.checkpoints().damaged(),
        holders.subscriptions().raised(),
        salvaged.holes(),
        allAside,
        salvaged.nextLsn(),
        salvaged.manifestRebuilt(),
        salvaged.verifiedBytes(),
        nanos);
  }
}
