package dev.tidemark.wal;

/// What opening does with a log in which something promised is damaged or missing.
///
/// See [WalOptions#onCorruption()].
public enum OnCorruption {
  /// Refuse to open the log, changing nothing; the default.
  FAIL,
  /// Keep every record that can still be vouched for, also behind the damage. What cannot is a
  /// [Hole]: reported, and listed in the log from then on. Every segment is verified.
  SKIP,
  /// Go back to a point in time: keep what is before the first record that is lost, and set the
  /// segments behind it aside. Every segment is verified.
  STOP
}
