package dev.tidemark.ingest.lineprotocol;

/// What one point may hold at most. A line beyond a limit is a bad line whose reason states the
/// limit.
public final class Limits {
  /// Tags and fields of one point, together.
  public static final int COLUMNS = 1_024;

  /// A tag or field key, unescaped, in bytes.
  public static final int NAME_BYTES = 256;

  /// A tag value or a string, unescaped, in bytes.
  public static final int TEXT_BYTES = 64 * 1_024;

  /// A number as written, in bytes. The longest double without spare digits needs 1,077.
  public static final int NUMBER_BYTES = 1_100;

  private Limits() {}
}
