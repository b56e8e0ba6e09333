package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.MemoryBudget;
import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.record.RecordWriter;
import dev.tidemark.ingest.shard.ReplayWatch;
import dev.tidemark.ingest.shard.Replayed;
import dev.tidemark.ingest.shard.Shard;
import dev.tidemark.ingest.shard.ShardOptions;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/// What a data directory becomes while it is open: the two logs, the catalog, the sink and the
/// shard. Closed in the reverse of the order they were opened in.
///
/// @param catalogLog the log of the catalog
/// @param shardLog the log of the shard
/// @param catalog all measurements and columns
/// @param sink where files go
/// @param shard the rows
/// @param maxPieceBytes a body larger than this is logged in pieces
/// @param maxLineBytes the longest line
record Pipeline(
    Wal catalogLog,
    Wal shardLog,
    Catalog catalog,
    Sink sink,
    Shard shard,
    int maxPieceBytes,
    int maxLineBytes) {

  private static final int SHARD = 0;
  private static final long CATALOG_SEGMENT_BYTES = 1 << 20;
  private static final int CATALOG_STAGING_BYTES = 64 << 10;
  private static final int MAX_BATCH_BYTES = 160 << 20;
  private static final int MAX_PIECE_BYTES = 4 << 20;
  private static final int MAX_LINE_BYTES = 8 << 20;

  /// Opens everything and recovers; what was opened is closed again if a later step fails.
  static Pipeline open(
      Logs logs, IngestOptions options, MemoryBudget memory, RecoveryListener listener)
      throws IOException {
    long start = System.nanoTime();
    checkAll(logs, options, listener.walEvents());
    try (Unwinding opened = new Unwinding()) {
      Wal catalogLog = logs.open(Logs.CATALOG, catalogOptions(listener.walEvents()).build());
      opened.add(catalogLog);
      Wal shardLog =
          logs.open(Logs.shard(SHARD), shardOptions(options, listener.walEvents()).build());
      opened.add(shardLog);
      Pipeline pipeline = over(catalogLog, shardLog, logs, options, memory, listener);
      opened.add(pipeline.sink);
      opened.add(pipeline.catalog);
      opened.add(pipeline.shard);
      listener.recovered(recovered(catalogLog, shardLog, pipeline.shard.replayed(), start));
      opened.keep();
      return pipeline;
    }
  }

  // Opening changes a log, and a start that is refused is to change nothing: so all are looked at
  // before any is opened. Older segments too: replay would find damage in them when it is too late.
  private static void checkAll(Logs logs, IngestOptions options, WalEvents events)
      throws IOException {
    logs.check(Logs.CATALOG, catalogOptions(events).verifyOnOpen(true).build());
    for (int number : logs.shards()) {
      logs.check(Logs.shard(number), shardOptions(options, events).verifyOnOpen(true).build());
    }
    checkBeside(logs, Logs.CATALOG, Logs.shard(SHARD));
    checkBeside(logs, Logs.shard(SHARD), Logs.CATALOG);
  }

  // Each is made before the first record goes into either: where one has records and the other is
  // not there, somebody took it away, and with it rows or what their columns mean.
  private static void checkBeside(Logs logs, String used, String beside) throws IOException {
    if (logs.presence(beside) == Logs.Presence.MISSING
        && logs.presence(used) == Logs.Presence.USED) {
      throw new MissingLogException(beside, used);
    }
  }

  /// Opens the logs again that have failed for want of space, and builds everything anew from the
  /// logs, as after a crash: so what was in doubt is found out once, and no row is applied twice. A
  /// log that works is kept, and so are its lock and that of one that is opened again.
  ///
  /// @return what takes the place of this, which is never to be used again but to be closed if this
  ///   fails
  /// @throws IOException if a log failed for another reason, cannot be opened again, or something
  ///   is still being written; everything stays failed
  Pipeline reopened(
      Logs logs, IngestOptions options, MemoryBudget memory, RecoveryListener listener)
      throws IOException {
    letGo();
    boolean catalogFailed = failedForWantOfSpace(catalogLog);
    boolean shardFailed = failedForWantOfSpace(shardLog);
    try (Unwinding opened = new Unwinding()) {
      Wal catalogAgain = catalogLog;
      if (catalogFailed) {
        catalogAgain = logs.reopen(Logs.CATALOG, catalogLog);
        opened.add(catalogAgain);
      }
      Wal shardAgain = shardLog;
      if (shardFailed) {
        shardAgain = logs.reopen(Logs.shard(SHARD), shardLog);
        opened.add(shardAgain);
      }
      Pipeline pipeline = over(catalogAgain, shardAgain, logs, options, memory, listener);
      opened.keep();
      return pipeline;
    }
  }

  // Ends everything but the logs without a flush, as a crash would.
  private void letGo() throws IOException {
    if (!shard.halt()) {
      throw new IOException("a file is still being written; the disk does not answer");
    }
    catalog.close();
    try {
      sink.close();
    } catch (IOException failed) {
      System.getLogger(Pipeline.class.getName())
          .log(System.Logger.Level.DEBUG, "closed after a failure", failed);
    }
  }

  // A log that works is synced, so that replay finds every mark that was appended.
  private static boolean failedForWantOfSpace(Wal log) throws IOException {
    try {
      log.sync();
      return false;
    } catch (WalFailedException failed) {
      if (FailureWatch.isWantOfSpace(failed)) {
        return true;
      }
      throw failed;
    }
  }

  // The logs stay the caller's to close if this fails.
  private static Pipeline over(
      Wal catalogLog,
      Wal shardLog,
      Logs logs,
      IngestOptions options,
      MemoryBudget memory,
      RecoveryListener listener)
      throws IOException {
    WalOptions shardOptions = shardOptions(options, listener.walEvents()).build();
    ShardOptions forShard = forShard(options, memory);
    try (Unwinding opened = new Unwinding()) {
      Sink sink = logs.openSink();
      opened.add(sink);
      Catalog catalog = Catalog.open(catalogLog, options.maxMeasurements());
      opened.add(catalog);
      new SurplusShards(logs, shardOptions, forShard, catalog, sink)
          .drain(SHARD + 1, options.closeTimeout().toNanos(), Pipeline::randomId);
      String logId = catalog.logId(SHARD, shardLog.lastLsn() == 0, randomId());
      Shard shard =
          Shard.open(SHARD, shardLog, catalog, sink, logId, forShard, new Progress(listener));
      opened.keep();
      int record = shardOptions.maxRecordBytes();
      return new Pipeline(
          catalogLog,
          shardLog,
          catalog,
          sink,
          shard,
          Math.min(MAX_PIECE_BYTES, record / 4),
          Math.min(MAX_LINE_BYTES, record - RecordWriter.ENVELOPE_OVERHEAD_BYTES));
    }
  }

  private static WalOptions.Builder shardOptions(IngestOptions options, WalEvents events) {
    return WalOptions.builder()
        .segmentBytes(options.segmentBytes())
        .maxBatchBytes(MAX_BATCH_BYTES)
        .sync(options.sync())
        .events(events);
  }

  // Always synced: a record must never be durable when its columns are not.
  private static WalOptions.Builder catalogOptions(WalEvents events) {
    return WalOptions.builder()
        .segmentBytes(CATALOG_SEGMENT_BYTES)
        .stagingBytes(CATALOG_STAGING_BYTES)
        .events(events)
        .maxBatchBytes(MAX_BATCH_BYTES);
  }

  private static ShardOptions forShard(IngestOptions options, MemoryBudget memory) {
    return new ShardOptions(
        options.flushRows(), options.flushAge(), options.flushThreads(), memory);
  }

  private static String randomId() {
    byte[] id = new byte[16];
    new SecureRandom().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static Recovered recovered(
      Wal catalogLog, Wal shardLog, Replayed replayed, long startNanos) {
    return new Recovered(
        catalogLog.recovery(),
        shardLog.recovery(),
        replayed.records(),
        replayed.rows(),
        replayed.skippedRows(),
        replayed.redoneFlushes(),
        replayed.redoneRows(),
        replayed.pendingFlushes(),
        Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /// Tells a listener about every second how far replay is. For the thread that opens.
  private static final class Progress implements ReplayWatch {
    private static final long EVERY_NANOS = 1_000_000_000L;
    private final RecoveryListener listener;
    private final long start = System.nanoTime();
    private long told = start;

    Progress(RecoveryListener listener) {
      this.listener = listener;
    }

    @Override
    public void at(long records, long totalRecords, long bytes, long rows) {
      long now = System.nanoTime();
      if (now - told < EVERY_NANOS) {
        return;
      }
      told = now;
      double rest = (double) (totalRecords - records) / Math.max(1, records);
      Duration remaining = Duration.ofNanos((long) ((now - start) * rest));
      listener.progress(new ReplayProgress(records, totalRecords, bytes, rows, remaining));
    }
  }

  /// Flushes and closes everything.
  ///
  /// @throws IOException if a log or the sink could not be closed properly
  void close(Duration timeout) throws IOException {
    try (Unwinding all = new Unwinding()) {
      all.add(sink);
      all.add(catalogLog);
      all.add(shardLog);
      all.add(catalog);
      shard.close(timeout.toNanos());
    }
  }
}
