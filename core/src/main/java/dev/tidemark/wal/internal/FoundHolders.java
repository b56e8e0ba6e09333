package dev.tidemark.wal.internal;

import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.function.LongFunction;

/// Those that hold the low-water mark, as opening the log found them.
///
/// @param promisedLsn the largest LSN that any of them says was durable, 0 if none does
record FoundHolders(
    FoundSubscriptions subscriptions, FoundCheckpoints checkpoints, long promisedLsn) {
  /// Of a new log.
  static final FoundHolders NONE =
      new FoundHolders(FoundSubscriptions.NONE, FoundCheckpoints.NONE, 0);

  /// Reads and judges them without changing anything.
  ///
  /// @param progress makes what is told how far the reading of so many bytes is
  /// @throws dev.tidemark.wal.CorruptWalException if one of them cannot be read any more
  static FoundHolders read(Storage storage, Manifest log, LongFunction<Progress> progress)
      throws IOException {
    FoundSubscriptions subscriptions = FoundSubscriptions.read(storage, log);
    FoundCheckpoints checkpoints = FoundCheckpoints.read(storage, log, progress);
    long promised = Math.max(log.holders().promisedLsn(), subscriptions.promisedLsn());
    return new FoundHolders(subscriptions, checkpoints, promised);
  }

  /// Makes what was found durable: a process that died, or a sync that failed, may have left it in
  /// the page cache alone.
  void settle(Storage storage, ManifestFile manifest) throws IOException {
    SubscriptionFile.proveAgain(storage, manifest, subscriptions.blocks());
    checkpoints.settle(storage, manifest);
  }
}
