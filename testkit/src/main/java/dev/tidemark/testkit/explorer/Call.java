package dev.tidemark.testkit.explorer;

/// What an [Explorer] does with a log. Calls on a closed log open it first.
public enum Call {
  /// A record of a few bytes.
  APPEND_SMALL,
  /// A record that shares its segment with a few others.
  APPEND_MEDIUM,
  /// The largest record the log takes.
  APPEND_LARGE,
  /// In turn: a batch that fits staging, one that does not, and one larger than a segment.
  APPEND_BATCH,
  /// Makes everything durable.
  SYNC,
  /// Seals the active segment.
  ROTATE,
  /// Gives up all but the last record, or what a subscription or a checkpoint still needs.
  TRUNCATE,
  /// Takes a checkpoint at the last LSN.
  CHECKPOINT,
  /// Subscribes, or acknowledges everything that is durable.
  ACKNOWLEDGE,
  /// Closes the log.
  CLOSE,
  /// Appends while a sync fails, and reopens the failed log.
  REOPEN,
  /// Lets time pass until nothing is due any more: a sync under `async`, a mark, the sync of that.
  REST
}
