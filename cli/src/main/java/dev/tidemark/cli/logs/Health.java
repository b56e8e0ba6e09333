package dev.tidemark.cli.logs;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What reading all of a log found.
///
/// @param verdict the worst that was found
/// @param files the log's files in its order
/// @param defects what is wrong, in the order of the log
/// @param numbering what the numbers are
/// @param first the smallest number of a record, 0 if there is none
/// @param last the largest number of a record, 0 if there is none
/// @param records how many records are good
/// @param payloadBytes what their payloads take
/// @param readBytes how many bytes were read and checked
/// @param nanos how long that took
/// @param notes what else is to be said, by name
public record Health(
    Verdict verdict,
    List<File> files,
    List<Defect> defects,
    Numbering numbering,
    long first,
    long last,
    long records,
    long payloadBytes,
    long readBytes,
    long nanos,
    Map<String, String> notes) {

  /// The note that names the files which the system itself does not apply, because of damage before
  /// them.
  public static final String NOT_APPLIED = "notApplied";

  /// The worst that was found.
  public enum Verdict {
    /// Nothing.
    CLEAN("clean"),
    /// A torn tail, and nothing else.
    TORN_TAIL("torn tail"),
    /// Corruption.
    CORRUPT("corrupt");

    private final String word;

    Verdict(String word) {
      this.word = word;
    }

    /// {@return what people call it}
    public String word() {
      return word;
    }
  }

  /// One file.
  ///
  /// @param name relative to the log
  /// @param state what it is to the log
  /// @param bytes its size
  /// @param first the smallest number of a record in it, 0 if there is none
  /// @param last the largest, 0 if there is none
  /// @param records how many records are good; -1 if nobody counted
  public record File(String name, String state, long bytes, long first, long last, long records) {}

  /// {@return the verdict that goes with some defects}
  ///
  /// @param defects all of them
  static Verdict verdict(List<Defect> defects) {
    Verdict verdict = Verdict.CLEAN;
    for (Defect defect : defects) {
      if (defect.kind().isCorrupt()) {
        return Verdict.CORRUPT;
      }
      if (defect.kind() == Defect.Kind.TORN_TAIL) {
        verdict = Verdict.TORN_TAIL;
      }
    }
    return verdict;
  }

  /// {@return how many numbers are known to be lost with what is corrupt}
  public long lost() {
    List<Defect> lost =
        defects.stream()
            .filter(one -> one.kind().isCorrupt() && one.first() > 0)
            .sorted(Comparator.comparingLong(Defect::first))
            .toList();
    long count = 0;
    long counted = 0; // the largest number so far; several places may stand in one gap
    for (Defect one : lost) {
      count += Math.max(0, one.last() - Math.max(counted, one.first() - 1));
      counted = Math.max(counted, one.last());
    }
    return count;
  }
}
