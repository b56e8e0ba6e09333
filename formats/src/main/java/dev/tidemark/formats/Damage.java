package dev.tidemark.formats;

/// Bytes of a file that hold no record though they should.
///
/// @param kind how bad that is
/// @param offset where in the file it begins
/// @param bytes how many bytes are passed over; what the system itself would report where it
///   reports any
/// @param reason what is wrong with them, in the words of the system where it has some
public record Damage(Kind kind, long offset, long bytes, String reason) {
  /// How bad damage is.
  public enum Kind {
    /// The file ends in the middle of a record: what a crash leaves. The system itself makes
    /// nothing of it.
    TORN_TAIL,

    /// Anything else: something that was written is not what is there.
    CORRUPTION
  }
}
