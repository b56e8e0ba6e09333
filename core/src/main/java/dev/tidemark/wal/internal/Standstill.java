package dev.tidemark.wal.internal;

/// Where the frames of a log that others write have stopped, and when it is time to find out
/// whether that is the end of it: at once if something stands there, else after a while, and then
/// at times that grow, because reading a whole segment is not cheap. For one thread at a time.
final class Standstill {
  private static final long FIRST_NANOS = 1_000_000_000;

  private boolean stands;
  private long atByte;
  private long sinceNanos;
  private long waitNanos; // how long after that to look

  /// {@return whether they were last seen to stop at this very place}
  boolean isAt(long offset) {
    return stands && offset == atByte;
  }

  /// Says that they stop at another place than before.
  ///
  /// @param offset where, in bytes
  /// @param zeros whether nothing stands there, as at an end that others write on
  void stoppedAt(long offset, boolean zeros, long now) {
    stands = true;
    atByte = offset;
    sinceNanos = now;
    waitNanos = zeros ? FIRST_NANOS : 0;
  }

  /// Says that another segment is being walked.
  void over() {
    stands = false;
  }

  /// {@return whether to look behind the place now; if so, the next time is at least twice as far
  /// away}
  boolean isDue(long now) {
    if (now - sinceNanos < waitNanos) {
      return false;
    }
    waitNanos = Math.max(FIRST_NANOS, 2 * waitNanos);
    return true;
  }
}
