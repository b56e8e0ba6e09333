package dev.tidemark.wal;

/// What opening does with a tail that nothing vouches for.
///
/// See [WalOptions#onUnvouchedTail()].
public enum OnUnvouchedTail {
  /// Cut it and report it; the default.
  CUT,
  /// Refuse to open the log, changing nothing.
  FAIL
}
