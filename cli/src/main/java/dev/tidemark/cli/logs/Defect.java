package dev.tidemark.cli.logs;

import org.jspecify.annotations.Nullable;

/// One place in a log's files that holds no record though it should.
///
/// @param kind how bad that is, by the rule of the system whose log it is
/// @param file which file, relative to the log
/// @param offset where in it, in bytes
/// @param bytes how many; 0 if it is about the file as a whole
/// @param first the smallest number that is lost with it, 0 if none is known to be
/// @param last the largest number that is lost with it, 0 if none is known to be
/// @param reason what is wrong
/// @param next where the next good record is, null if there is none
public record Defect(
    Kind kind,
    String file,
    long offset,
    long bytes,
    long first,
    long last,
    String reason,
    @Nullable Place next) {

  /// {@return the same place, as bad as is said}
  ///
  /// @param other how bad it is
  Defect as(Kind other) {
    return new Defect(other, file, offset, bytes, first, last, reason, next);
  }

  /// How bad damage is.
  public enum Kind {
    /// What a crash leaves at the end of a log.
    TORN_TAIL("torn tail"),
    /// The system itself passes over it in silence, though something was lost.
    OVERLOOKED("corruption, overlooked by the system"),
    /// Anything else.
    CORRUPTION("corruption"),
    /// Known to the log, and no damage any more.
    ACCEPTED("accepted hole");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /// {@return what people call it}
    public String word() {
      return word;
    }

    /// {@return whether what was written is not what is there}
    public boolean isCorrupt() {
      return this == CORRUPTION || this == OVERLOOKED;
    }
  }

  /// Where a record stands.
  ///
  /// @param file which file, relative to the log
  /// @param offset where in it, in bytes
  /// @param number the record's number
  public record Place(String file, long offset, long number) {}
}
