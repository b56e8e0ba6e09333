package dev.tidemark.wal;

/// Who moves the low-water mark.
///
/// See [WalOptions#pruneBy()].
public enum PruneBy {
  /// The owner, by [Wal#truncateBefore] and by checkpoints; the default. Subscriptions and open
  /// cursors hold it back.
  OWNER,
  /// What all subscriptions have acknowledged; as long as there is none, the mark stays. A
  /// checkpoint and open cursors hold it back. [Wal#truncateBefore] is refused.
  SUBSCRIPTIONS
}
