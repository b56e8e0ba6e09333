package dev.tidemark.ingest.shard;

/// What the rows of a body will take in memory, roughly and never much less than they do; the same
/// sum when it is admitted and when it is applied.
public final class BodySize {
  private BodySize() {}

  /// {@return the size, in bytes}
  ///
  /// @param bodyBytes the lines that are logged
  /// @param points how many points they are
  /// @param cells how many tags and fields those have
  public static long of(long bodyBytes, long points, long cells) {
    return bodyBytes + 8 * points + 12 * cells;
  }
}
