package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What the catalog's log says, in memory. It only ever grows, and everything in it names the LSN
/// that brought it: so what it was as of an LSN can be told at any later time, while more comes.
///
/// One thread at a time changes it, any number may look.
final class Measurements {
  /// The id of a shard's log.
  ///
  /// @param lsn the LSN that brought it
  record LogId(String id, long lsn) {}

  private final Map<String, Map<Slice, Measurement>> databases = new ConcurrentHashMap<>();
  private final Map<Integer, LogId> logIds = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  // Taken last and shortly, never while the log is waited for.
  private final ReentrantLock publishing = new ReentrantLock();
  // Guarded by publishing, together with the columns of all measurements.
  private long lastLsn;

  /// {@return the measurements of a database by name, a live view}
  Map<Slice, Measurement> database(String database) {
    return databases.getOrDefault(database, Map.of());
  }

  @Nullable Measurement find(String database, Slice name) {
    return database(database).get(name);
  }

  /// {@return all of them, in no order; those that come meanwhile may be among them}
  List<Measurement> all() {
    List<Measurement> all = new ArrayList<>();
    databases.values().forEach(database -> all.addAll(database.values()));
    return all;
  }

  /// {@return the ids of the shards' logs, by shard; a live view}
  Map<Integer, LogId> logIds() {
    return logIds;
  }

  @Nullable String logId(int shard) {
    LogId known = logIds.get(shard);
    return known == null ? null : known.id();
  }

  int count() {
    return count.get();
  }

  /// {@return the last LSN that is published; no smaller than that of any column the caller has
  /// seen}
  long lastLsn() {
    publishing.lock();
    try {
      return lastLsn;
    } finally {
      publishing.unlock();
    }
  }

  /// Publishes the records of a batch, together with the LSN of the last.
  void publish(List<CatalogLayout.Columns> batch, long last) {
    publishing.lock();
    try {
      long lsn = last - batch.size();
      for (CatalogLayout.Columns record : batch) {
        add(record, ++lsn);
      }
      lastLsn = last;
    } finally {
      publishing.unlock();
    }
  }

  /// Publishes the id of a shard's log.
  void publish(CatalogLayout.ShardLog record, long lsn) {
    logIds.put(record.shard(), new LogId(record.logId(), lsn));
    published(lsn);
  }

  /// Says that everything up to an LSN is here.
  void published(long lsn) {
    publishing.lock();
    try {
      lastLsn = lsn;
    } finally {
      publishing.unlock();
    }
  }

  private void add(CatalogLayout.Columns record, long lsn) {
    Map<Slice, Measurement> all =
        databases.computeIfAbsent(record.database(), key -> new ConcurrentHashMap<>());
    Slice name = Slice.of(record.measurement());
    Measurement measurement = all.get(name);
    if (measurement == null) {
      // With its columns before it can be found: a measurement has at least one.
      measurement = new Measurement(record.database(), record.measurement());
      measurement.add(record.columns(), lsn);
      all.put(name, measurement);
      count.incrementAndGet();
    } else {
      measurement.add(record.columns(), lsn);
    }
  }

  /// Takes in a record of the log or of a snapshot.
  ///
  /// @throws UnreadableRecordException if it makes no sense, or contradicts what came before
  void replay(long lsn, byte[] bytes) throws UnreadableRecordException {
    try {
      switch (CatalogLayout.read(bytes)) {
        case CatalogLayout.ShardLog shardLog -> publish(shardLog, lsn);
        case CatalogLayout.Columns columns -> {
          check(columns, lsn);
          publish(List.of(columns), lsn);
        }
      }
    } catch (UnreadableRecordException e) {
      throw new UnreadableRecordException("catalog LSN " + lsn + ": " + e.getMessage(), e);
    }
  }

  private void check(CatalogLayout.Columns record, long lsn) throws UnreadableRecordException {
    Measurement known = find(record.database(), Slice.of(record.measurement()));
    if (known == null) {
      return;
    }
    for (NewColumn column : record.columns()) {
      if (known.column(column.key()) != null) {
        throw new UnreadableRecordException(
            "column " + column.key() + " of " + known + " comes twice");
      }
    }
    if (known.lastLsn() >= lsn) {
      throw new UnreadableRecordException(
          "columns of " + known + " come behind those of LSN " + known.lastLsn());
    }
  }
}
