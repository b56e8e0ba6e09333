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

    /// The system itself passes over these bytes without a word, though what stands there or behind
    /// them shows that something was lost.
    OVERLOOKED,

    /// The system itself reports it: something that was written is not what is there.
    CORRUPTION
  }
}
