package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.internal.meter.Meters;

/// Reads off an open log what [WalMetrics] says. Safe for any thread.
final class Overview {
  private final Engine engine;
  private final long recoveredLsn;

  /// @param recoveredLsn the last LSN when the log was opened; what is above was appended since
  Overview(Engine engine, long recoveredLsn) {
    this.engine = engine;
    this.recoveredLsn = recoveredLsn;
  }

  /// {@return what the log is at, each number as of its own moment}
  WalMetrics metrics() {
    OpenLog log = engine.log;
    Meters meters = engine.path.meters;
    GroupWriter group = engine.path.group;
    LogState now = log.state();
    long durable = log.durableLsn();
    int ready = engine.upkeep.spares.count();
    long bytes = engine.upkeep.spares.bytes();
    for (SegmentHeader segment : now.segments()) {
      bytes += segment.fileBytes();
    }
    return new WalMetrics(
        new WalMetrics.Lsns(now.lowWaterLsn(), log.firstLsn(), durable, log.lastLsn()),
        new WalMetrics.Counts(
            durable - recoveredLsn,
            meters.voidRecords(),
            group.payloadBytes(),
            group.writer().writtenBytes,
            meters.refusals()),
        meters.latencies(),
        meters.groups(),
        new WalMetrics.Files(now.segments().size(), ready, ready > 0, bytes),
        engine.failure.isSet(),
        log.storage().uninterruptible());
  }
}
