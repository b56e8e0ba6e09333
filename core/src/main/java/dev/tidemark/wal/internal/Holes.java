package dev.tidemark.wal.internal;

import dev.tidemark.wal.Hole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The holes that were accepted in a log, and which of its segments are gone, header apart.
/// Immutable. A lookup takes the logarithm of their number: a damaged disk may leave thousands.
final class Holes {
  static final Holes NONE = new Holes(List.of(), Set.of());

  private final Map<Long, InSegment> bySegment;
  private final List<AcceptedHole> accepted;
  private final Set<Long> gone;

  /// @param accepted in any order
  /// @param gone the numbers of segments of which only the header is left
  Holes(List<AcceptedHole> accepted, Set<Long> gone) {
    Map<Long, List<AcceptedHole>> lists = new TreeMap<>();
    for (AcceptedHole hole : accepted) {
      lists.computeIfAbsent(hole.segment(), number -> new ArrayList<>()).add(hole);
    }
    List<AcceptedHole> all = new ArrayList<>();
    bySegment = new TreeMap<>();
    lists.forEach(
        (number, list) -> {
          InSegment sorted = InSegment.of(list);
          bySegment.put(number, sorted);
          all.addAll(sorted.holes);
        });
    this.accepted = List.copyOf(all);
    this.gone = Set.copyOf(gone);
  }

  /// {@return whether the other has the same holes and segments gone}
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Holes holes
        && holes.accepted.equals(accepted)
        && holes.gone.equals(gone);
  }

  @Override
  public int hashCode() {
    return 31 * accepted.hashCode() + gone.hashCode();
  }

  /// The holes of one segment.
  private static final class InSegment {
    final List<AcceptedHole> holes; // by ascending first byte, the larger first of two there
    private final long[] reach; // up to which byte those up to an index take at most

    private InSegment(List<AcceptedHole> holes, long[] reach) {
      this.holes = holes;
      this.reach = reach;
    }

    static InSegment of(List<AcceptedHole> unsorted) {
      List<AcceptedHole> holes = new ArrayList<>(unsorted);
      holes.sort(
          Comparator.comparingLong(AcceptedHole::fromByte)
              .thenComparing(Comparator.comparingLong(AcceptedHole::toByte).reversed()));
      long[] reach = new long[holes.size()];
      long most = 0;
      for (int i = 0; i < reach.length; i++) {
        most = Math.max(most, holes.get(i).toByte());
        reach[i] = most;
      }
      return new InSegment(List.copyOf(holes), reach);
    }

    // How many begin before a byte.
    private int before(long offset) {
      int from = 0;
      int to = holes.size();
      while (from < to) {
        int middle = (from + to) >>> 1;
        if (holes.get(middle).fromByte() < offset) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    @Nullable AcceptedHole at(long offset) {
      int index = before(offset);
      if (index == holes.size() || holes.get(index).fromByte() != offset) {
        return null;
      }
      return holes.get(index).toByte() > 0 ? holes.get(index) : null;
    }

    boolean reachesOver(long fromByte, long toByte) {
      int count = before(fromByte + 1);
      return count > 0 && reach[count - 1] >= toByte;
    }
  }

  /// {@return all of them, by segment and place}
  List<AcceptedHole> accepted() {
    return accepted;
  }

  /// {@return the numbers of segments of which only the header is left}
  Set<Long> gone() {
    return gone;
  }

  /// {@return the hole that begins at a byte of a segment, the larger one of two, or null}
  @Nullable AcceptedHole at(long segment, long offset) {
    InSegment holes = bySegment.get(segment);
    return holes == null ? null : holes.at(offset);
  }

  /// {@return where the next hole of a segment begins, at a byte or behind it; `Long.MAX_VALUE` if
  /// there is none}
  long nextAt(long segment, long offset) {
    InSegment holes = bySegment.get(segment);
    int index = holes == null ? 0 : holes.before(offset);
    return holes == null || index == holes.holes.size()
        ? Long.MAX_VALUE
        : holes.holes.get(index).fromByte();
  }

  /// {@return whether any hole in a segment was accepted, or the segment as a whole}
  boolean covers(long segment) {
    return bySegment.containsKey(segment);
  }

  /// {@return whether a segment was accepted as missing}
  boolean isMissing(long segment) {
    return in(segment).stream()
        .anyMatch(hole -> hole.reason() == Hole.Reason.MISSING && hole.toByte() == 0);
  }

  /// {@return whether a segment was accepted as missing, with all of some LSNs}
  boolean isMissing(long segment, long fromLsn, long toLsn) {
    return in(segment).stream()
        .anyMatch(
            hole ->
                hole.reason() == Hole.Reason.MISSING
                    && hole.toByte() == 0
                    && hole.fromLsn() <= fromLsn
                    && hole.toLsn() >= toLsn);
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
    InSegment holes = bySegment.get(segment);
    return holes != null && holes.reachesOver(fromByte, toByte);
  }

  /// {@return whether holes that adjoin take everything from one byte of a segment to another}
  boolean coverTogether(long segment, long fromByte, long toByte) {
    long reached = fromByte;
    for (AcceptedHole hole : in(segment)) {
      if (hole.fromByte() > reached) {
        break;
      }
      reached = Math.max(reached, hole.toByte());
    }
    return reached >= toByte;
  }

  /// {@return whether a salvage accepted a hole where a segment lists those of earlier ones: then
  /// it found them all again, and its own list has them}
  boolean replacesList(long segment) {
    return at(segment, SegmentHeader.BYTES) != null;
  }

  /// {@return the holes of one segment, by ascending place}
  List<AcceptedHole> in(long segment) {
    InSegment holes = bySegment.get(segment);
    return holes == null ? List.of() : holes.holes;
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
    for (AcceptedHole hole : from < next.firstLsn() ? accepted : List.<AcceptedHole>of()) {
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
      if (!reachesOver(other.segment(), other.fromByte(), other.toByte())) {
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
