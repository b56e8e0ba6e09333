package dev.tidemark.wal.internal;

import dev.tidemark.wal.Segment;
import java.util.ArrayList;
import java.util.List;

/// The segments of the log at one moment, oldest first; the last is active. Immutable; swapped by
/// the [LowWater], under its lock.
///
/// @param segments at least one; some may be gone, header apart
/// @param lowWaterLsn the smallest LSN still needed; what is below may be gone
/// @param holes what cursors pass over
record LogState(List<SegmentHeader> segments, long lowWaterLsn, Holes holes) {
  LogState {
    segments = List.copyOf(segments);
  }

  SegmentHeader active() {
    return segments.getLast();
  }

  LogState withActivated(SegmentHeader next) {
    List<SegmentHeader> longer = new ArrayList<>(segments);
    longer.add(next);
    return new LogState(longer, lowWaterLsn, holes);
  }

  LogState withLowWater(long lsn, int removed) {
    return new LogState(segments.subList(removed, segments.size()), lsn, holes);
  }

  /// {@return this with the records of a segment gone}
  LogState withGone(long number) {
    return new LogState(segments, lowWaterLsn, holes.withGone(number));
  }

  /// {@return whether only the header of a segment is left}
  boolean isGone(SegmentHeader segment) {
    return holes.isGone(segment.number());
  }

  /// {@return the last LSN of a segment that is not active: its successor states it}
  long lastLsn(int index) {
    return segments.get(index + 1).previousLastLsn();
  }

  /// {@return the index of the segment that holds an LSN, or the first with a larger one}
  int indexOf(long lsn) {
    for (int i = segments.size() - 1; i > 0; i--) {
      if (segments.get(i).firstLsn() <= lsn) {
        return i;
      }
      if (lastLsn(i - 1) < lsn) {
        return i; // discarded by a recovery: go on behind the hole
      }
    }
    return 0;
  }

  /// {@return the index of a segment, or -1 if it is no longer there}
  int indexOfNumber(long number) {
    for (int i = segments.size() - 1; i >= 0; i--) {
      if (segments.get(i).number() == number) {
        return i;
      }
    }
    return -1;
  }

  /// {@return how many of the oldest segments lie wholly below an LSN; never the active one}
  int segmentsBelow(long lsn) {
    int count = 0;
    while (count < segments.size() - 1 && lastLsn(count) < lsn) {
      count++;
    }
    return count;
  }

  List<Segment> asSegments(long lastLsn) {
    List<Segment> list = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      SegmentHeader header = segments.get(i);
      if (isGone(header)) {
        continue;
      }
      boolean active = i == segments.size() - 1;
      long last = active ? lastLsn : lastLsn(i);
      list.add(new Segment(header.number(), header.firstLsn(), last, header.fileBytes(), active));
    }
    return List.copyOf(list);
  }
}
