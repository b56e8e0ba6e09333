package dev.tidemark.wal.internal;

import dev.tidemark.wal.Hole;

/// A hole that a salvage accepted, as a HOLE frame keeps it: whoever comes to `fromByte` of that
/// segment goes on at `toByte`.
///
/// @param segment the number of the segment it is in
/// @param fromLsn the smallest LSN in it
/// @param toLsn the largest; `fromLsn - 1` if there is none
/// @param fromByte where it begins in the segment; 0 with `toByte` 0 if the whole segment is gone
/// @param toByte where the next frame stands, or the segment's frames end
/// @param crcAfter what the frame there names as its previous, or the successor as the last
/// @param reason what happened
record AcceptedHole(
    long segment,
    long fromLsn,
    long toLsn,
    long fromByte,
    long toByte,
    int crcAfter,
    Hole.Reason reason) {

  /// {@return a hole that is a whole segment}
  static AcceptedHole missing(long segment, long fromLsn, long toLsn) {
    return new AcceptedHole(segment, fromLsn, toLsn, 0, 0, 0, Hole.Reason.MISSING);
  }

  /// {@return how many LSNs are in it}
  long count() {
    return toLsn - fromLsn + 1;
  }

  /// {@return the hole as a user sees it}
  Hole toHole() {
    String file = SegmentHeader.fileName(segment);
    return new Hole(reason, fromLsn, toLsn, segment, file, fromByte, toByte);
  }
}
