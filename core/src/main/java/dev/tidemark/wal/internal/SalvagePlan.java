package dev.tidemark.wal.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What becomes of a damaged log: which segments are kept, where the log goes on, and what is lost.
///
/// @param manifest what the log says about itself, perhaps rebuilt
/// @param manifestRebuilt whether it was
/// @param segments those that are kept, oldest first; none if the log ends before them
/// @param rebuilt the numbers of those whose header is to be written anew
/// @param lost the numbers of those of which there will be a header and no more
/// @param end where the last of them ends
/// @param unproven whether records before that may stand in the page cache alone
/// @param found the holes that are new
/// @param holes all holes of the log, the new ones included
/// @param promisedLsn the largest LSN that anything promises durable
/// @param nextLsn above every LSN that was seen anywhere
/// @param strays files that are to be set aside, with whether they are damaged
record SalvagePlan(
    Manifest manifest,
    boolean manifestRebuilt,
    List<SegmentHeader> segments,
    Set<Long> rebuilt,
    Set<Long> lost,
    End end,
    boolean unproven,
    List<AcceptedHole> found,
    Holes holes,
    long promisedLsn,
    long nextLsn,
    Map<String, Boolean> strays) {

  /// Where a log ends.
  ///
  /// @param segments how many of the segments are before that
  /// @param offset where the frames of the last of them end, in bytes
  /// @param crc the header CRC of the last frame
  /// @param lastLsn the last LSN
  record End(int segments, long offset, int crc, long lastLsn) {}

  /// A hole that is new.
  ///
  /// @param hole the hole
  /// @param before where the log would end if it were stopped here
  record Loss(AcceptedHole hole, End before) {}

  /// {@return the same with a manifest that says more}
  SalvagePlan with(Manifest better) {
    return new SalvagePlan(
        better,
        manifestRebuilt,
        segments,
        rebuilt,
        lost,
        end,
        unproven,
        found,
        holes,
        promisedLsn,
        nextLsn,
        strays);
  }

  /// {@return whether the log needs a new segment: something in it is lost or was made up}
  boolean changesLog() {
    return !found.isEmpty() || !rebuilt.isEmpty() || !lost.isEmpty();
  }

  /// {@return whether there is anything to do}
  boolean changesAnything() {
    return manifestRebuilt || changesLog() || !strays.isEmpty();
  }

  /// {@return the same log, ended before the first record that is lost}
  ///
  /// @param losses the new holes, by ascending LSN
  /// @param gone the numbers of segments that are gone
  SalvagePlan stoppedBefore(List<Loss> losses, Set<Long> gone) {
    List<AcceptedHole> kept = new ArrayList<>();
    for (Loss loss : losses) {
      if (loss.hole().count() > 0) {
        return stoppedAt(loss.before(), kept, gone);
      }
      kept.add(loss.hole());
    }
    return this;
  }

  private SalvagePlan stoppedAt(End at, List<AcceptedHole> foundBefore, Set<Long> gone) {
    List<SegmentHeader> before = segments.subList(0, at.segments());
    List<SegmentHeader> behind = segments.subList(at.segments(), segments.size());
    Set<Long> left = new java.util.HashSet<>();
    before.forEach(segment -> left.add(segment.number()));
    Map<String, Boolean> aside = new java.util.TreeMap<>(strays);
    for (SegmentHeader segment : behind) {
      if (!lost.contains(segment.number())) {
        boolean header = gone.contains(segment.number());
        long number = segment.number();
        String name = header ? SegmentHeader.goneName(number) : SegmentHeader.fileName(number);
        aside.put(name, rebuilt.contains(number));
      }
    }
    long number = before.isEmpty() ? Math.max(1, first()) : before.getLast().number();
    AcceptedHole rest =
        new AcceptedHole(
            number,
            at.lastLsn() + 1,
            Math.max(nextLsn - 1, at.lastLsn()),
            at.offset(),
            at.offset(),
            at.crc(),
            dev.tidemark.wal.Hole.Reason.CUT);
    List<AcceptedHole> found = new ArrayList<>(foundBefore);
    found.add(rest);
    List<AcceptedHole> older =
        holes.accepted().stream()
            .filter(hole -> left.contains(hole.segment()) || hole.toLsn() <= at.lastLsn())
            .filter(hole -> !this.found.contains(hole))
            .toList();
    return new SalvagePlan(
        manifest,
        manifestRebuilt,
        List.copyOf(before),
        intersection(rebuilt, left),
        intersection(lost, left),
        at,
        unproven && behind.isEmpty(),
        found,
        new Holes(found, intersection(gone, left)).and(older),
        promisedLsn,
        nextLsn,
        aside);
  }

  private long first() {
    return segments.isEmpty() ? 1 : segments.getFirst().number();
  }

  private static Set<Long> intersection(Set<Long> some, Set<Long> others) {
    Set<Long> both = new java.util.HashSet<>(some);
    both.retainAll(others);
    return both;
  }
}
