package dev.tidemark.ingest;

import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.shard.Shard;
import dev.tidemark.ingest.shard.ShardOptions;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.util.function.Supplier;

/// Logs of shards that are no longer in use: their rows were acknowledged all the same. Each is
/// recovered, its rows are brought into files, and only then is it removed.
final class SurplusShards {
  private final Logs logs;
  private final WalOptions walOptions;
  private final ShardOptions options;
  private final Catalog catalog;
  private final Sink sink;

  SurplusShards(
      Logs logs, WalOptions walOptions, ShardOptions options, Catalog catalog, Sink sink) {
    this.logs = logs;
    this.walOptions = walOptions;
    this.options = options;
    this.catalog = catalog;
    this.sink = sink;
  }

  /// Drains every shard from `count` on.
  ///
  /// @param count how many shards are in use
  /// @param closeNanos how long one may take to flush
  /// @param randomIds for logs that have no id yet
  /// @throws IOException if one cannot be recovered or its rows cannot be written; it is still
  ///   there
  void drain(int count, long closeNanos, Supplier<String> randomIds) throws IOException {
    for (int number : logs.shards()) {
      if (number >= count) {
        drainOne(number, closeNanos, randomIds.get());
        logs.removeShard(number);
      }
    }
  }

  private void drainOne(int number, long closeNanos, String randomId) throws IOException {
    String name = Logs.shard(number);
    Wal wal = logs.open(name, walOptions);
    try (wal) {
      String logId = catalog.logId(number, wal.lastLsn() == 0, randomId);
      Shard shard =
          Shard.open(
              number, wal, catalog, sink, logId, options, (records, total, bytes, rows) -> {});
      if (!shard.close(closeNanos)) {
        throw new IOException(
            name
                + " is no longer in use, but its rows could not be written; start again when the"
                + " sink takes them");
      }
    }
  }
}
