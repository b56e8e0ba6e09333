package dev.tidemark.wal;

/// LSNs that no cursor delivers, and why. The records were damaged, lost, removed or cut; the LSNs
/// are never used again.
///
/// A hole in a file may hold no record at all: a damaged mark, or a rebuilt header, breaks the
/// chain of frames and takes nothing with it. Then `toLsn` is `fromLsn - 1`. So it is, with
/// [Reason#MISSING], where the newest segment is missing or cut short, and nobody knows how many
/// records were in it.
///
/// @param reason what happened
/// @param fromLsn the smallest LSN in it
/// @param toLsn the largest LSN in it; some up to it may never have been handed out
/// @param segment the number of the segment it is in
/// @param file the name of that segment's file in the log's directory, at the time it was whole
/// @param fromByte where it begins in the file; 0 with `toByte` 0 if it is about the whole file
/// @param toByte where it ends in the file
public record Hole(
    Reason reason,
    long fromLsn,
    long toLsn,
    long segment,
    String file,
    long fromByte,
    long toByte) {

  /// Why there is nothing.
  public enum Reason {
    /// Bytes of a segment cannot be vouched for any more.
    DAMAGED,
    /// A segment's file was not there, or nothing in it could be vouched for.
    MISSING,
    /// The segment was removed by [Wal#removeSegment].
    REMOVED,
    /// Discarded when the log was opened: a tail that nothing vouched for, or, with
    /// [OnCorruption#STOP], everything behind the first damage.
    CUT
  }

  // Of a segment that is missing nobody knows how much was in it.
  private String nothingKnown() {
    return reason == Reason.MISSING ? "unknown records behind LSN " + (fromLsn - 1) : "no record";
  }

  /// {@return how many LSNs are in it}
  public long count() {
    return toLsn - fromLsn + 1;
  }

  /// {@return the hole as an operator would read it}
  @Override
  public String toString() {
    String lsns = count() == 0 ? nothingKnown() : "LSN " + fromLsn + " to " + toLsn;
    String where =
        toByte == 0 && fromByte == 0 ? file : file + " bytes " + fromByte + " to " + toByte;
    return switch (reason) {
      case DAMAGED -> lsns + ": damaged, " + where;
      case MISSING -> lsns + ": missing, " + where;
      case REMOVED -> lsns + ": removed, " + where;
      case CUT -> lsns + ": cut behind " + where;
    };
  }
}
