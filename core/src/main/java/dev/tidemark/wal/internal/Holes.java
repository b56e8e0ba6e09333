package dev.tidemark.wal.internal;

import dev.tidemark.wal.Hole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The holes that were accepted in a log, and which of its segments are gone, header apart.
/// Immutable.
///
/// @param accepted in no order, at most one for each place
/// @param gone the numbers of segments of which only the header is left
record Holes(List<AcceptedHole> accepted, Set<Long> gone) {
  static final Holes NONE = new Holes(List.of(), Set.of());

  Holes {
    accepted = List.copyOf(accepted);
    gone = Set.copyOf(gone);
  }

  /// {@return the hole that begins at a byte of a segment, the larger one of two, or null}
  @Nullable AcceptedHole at(long segment, long offset) {
    AcceptedHole found = null;
    for (AcceptedHole hole : accepted) {
      if (hole.segment() == segment
          && hole.fromByte() == offset
          && hole.toByte() > 0
          && (found == null || hole.toByte() > found.toByte())) {
        found = hole;
      }
    }
    return found;
  }

  /// {@return whether any hole in a segment was accepted, or the segment as a whole}
  boolean covers(long segment) {
    return accepted.stream().anyMatch(hole -> hole.segment() == segment);
  }

  /// {@return whether a segment was accepted as missing}
  boolean isMissing(long segment) {
    return accepted.stream()
        .anyMatch(
            hole ->
                hole.segment() == segment
                    && hole.reason() == Hole.Reason.MISSING
                    && hole.toByte() == 0);
  }

  /// {@return whether only the header of a segment is left}
  boolean isGone(long segment) {
    return gone.contains(segment);
  }

  /// {@return the name of a segment's file}
  String fileName(long segment) {
    return isGone(segment) ? SegmentHeader.goneName(segment) : SegmentHeader.fileName(segment);
  }

  /// {@return whether a hole takes everything from one byte of a segment to another}
  boolean reachesOver(long segment, long fromByte, long toByte) {
    return accepted.stream()
        .anyMatch(
            hole ->
                hole.segment() == segment
                    && hole.fromByte() <= fromByte
                    && hole.toByte() >= toByte);
  }

  /// {@return the holes of one segment, by ascending place}
  List<AcceptedHole> in(long segment) {
    return accepted.stream()
        .filter(hole -> hole.segment() == segment)
        .sorted(Comparator.comparingLong(AcceptedHole::fromByte))
        .toList();
  }

  /// {@return the holes as a user sees them, by ascending LSN}
  ///
  /// @param segments those of the log, oldest first
  /// @param lowWaterLsn holes below it are of no interest
  List<Hole> list(List<SegmentHeader> segments, long lowWaterLsn) {
    List<Hole> list = new ArrayList<>();
    for (AcceptedHole hole : accepted) {
      if (!isGone(hole.segment()) || hole.reason() == Hole.Reason.MISSING) {
        list.add(hole.toHole());
      }
    }
    for (int i = 0; i < segments.size(); i++) {
      SegmentHeader segment = segments.get(i);
      if (isGone(segment.number()) && !isMissing(segment.number())) {
        list.add(removed(segment, segments.get(i + 1)));
      }
      list.add(cutBefore(segment));
    }
    return list.stream()
        .filter(hole -> hole.count() > 0 && hole.toLsn() >= lowWaterLsn)
        .sorted(Comparator.comparingLong(Hole::fromLsn))
        .toList();
  }

  private static Hole removed(SegmentHeader segment, SegmentHeader next) {
    long number = segment.number();
    return new Hole(
        Hole.Reason.REMOVED,
        segment.firstLsn(),
        next.previousLastLsn(),
        number,
        SegmentHeader.fileName(number),
        0,
        0);
  }

  // What the header of a segment says was discarded before it, and no accepted hole accounts for.
  private Hole cutBefore(SegmentHeader next) {
    long from = next.previousLastLsn() + 1;
    for (AcceptedHole hole : accepted) {
      if (hole.fromLsn() <= from && hole.toLsn() < next.firstLsn()) {
        from = Math.max(from, hole.toLsn() + 1);
      }
    }
    return new Hole(
        Hole.Reason.CUT,
        from,
        Math.max(from, next.firstLsn()) - 1,
        next.previousNumber(),
        SegmentHeader.fileName(next.previousNumber()),
        next.previousEnd(),
        next.previousEnd());
  }

  /// {@return these and others; of two at the same place the one that is there already}
  Holes and(List<AcceptedHole> others) {
    if (others.isEmpty()) {
      return this;
    }
    List<AcceptedHole> all = new ArrayList<>(accepted);
    for (AcceptedHole other : others) {
      boolean known =
          all.stream()
              .anyMatch(
                  hole ->
                      hole.segment() == other.segment()
                          && hole.fromByte() <= other.fromByte()
                          && hole.toByte() >= other.toByte());
      if (!known) {
        all.add(other);
      }
    }
    return new Holes(all, gone);
  }

  /// {@return these, with one more segment gone}
  Holes withGone(long segment) {
    Set<Long> more = new HashSet<>(gone);
    more.add(segment);
    return new Holes(accepted, more);
  }

  /// {@return what is left when segments are no longer part of the log}
  Holes of(LongPredicate segments) {
    return new Holes(
        accepted.stream().filter(hole -> segments.test(hole.segment())).toList(),
        new HashSet<>(gone.stream().filter(segments::test).toList()));
  }
}
