package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.FieldType;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The measurements and columns of all databases, in memory and in a log of their own that all
/// shards share. Whoever brings a column first decides its type.
///
/// **Before the record.** A column is durable here before the first record that uses it is appended
/// to a shard log. So whoever reads a record finds its columns here, at any time and after any
/// crash.
///
/// **As of.** A file must have the same columns when it is written again after a crash, although
/// more have come meanwhile. The two logs have no common order, so an LSN of the shard log says
/// nothing about this one. Therefore the flush writes down, in its INTENT, the last LSN of this log
/// that it saw, and the columns of its files are those of [Measurement#columnsAsOf(long)] that LSN,
/// then and later. Each row's columns are among them: the row was applied before the flush looked
/// here, it was appended before that, and its columns were published here before that. For this,
/// columns and the LSN that has them become visible as one: [#lastLsn()] waits for a publication
/// under way, else a row could be stored and flushed between the two, as of an LSN without its
/// columns, and its file would not have their cells.
///
/// The log is read whole at every start and never truncated: it grows with what there is, not with
/// use. Safe for use by any number of threads.
public final class Catalog {
  // New columns of one record, in bytes at most, less one name: far below the largest record.
  private static final int RECORD_BYTES = 16 << 10;

  private final Wal log;
  private final int maxMeasurements;
  private final ReentrantLock lock = new ReentrantLock();
  // Taken last and shortly, never while the log is waited for.
  private final ReentrantLock publishing = new ReentrantLock();
  private final Map<String, Map<Slice, Measurement>> databases = new ConcurrentHashMap<>();

  // Guarded by lock.
  private final Map<Integer, String> logIds = new HashMap<>();

  // The first that was seen.
  private final AtomicReference<@Nullable WalFailedException> failure = new AtomicReference<>();

  // Written under lock.
  private final AtomicInteger measurements = new AtomicInteger();
  // Guarded by publishing, together with the columns of all measurements.
  private long lastLsn;

  private Catalog(Wal log, int maxMeasurements) {
    this.log = log;
    this.maxMeasurements = maxMeasurements;
  }

  /// Reads a catalog from its log.
  ///
  /// @param log the log; stays the caller's to close
  /// @param maxMeasurements the most measurements that may be added up to
  /// @return the catalog
  /// @throws UnreadableRecordException if the log holds something that makes no sense
  /// @throws IOException if the log cannot be read
  public static Catalog open(Wal log, int maxMeasurements) throws IOException {
    Catalog catalog = new Catalog(log, maxMeasurements);
    if (log.firstLsn() > 1) {
      throw new UnreadableRecordException(
          "the catalog log begins at LSN " + log.firstLsn() + ", but all of it is needed");
    }
    try (Cursor cursor = log.read()) {
      while (cursor.next()) {
        catalog.replay(cursor.lsn(), cursor.bytes());
      }
    }
    return catalog;
  }

  private void replay(long lsn, byte[] bytes) throws UnreadableRecordException {
    try {
      switch (CatalogLayout.read(bytes)) {
        case CatalogLayout.ShardLog shardLog -> logIds.put(shardLog.shard(), shardLog.logId());
        case CatalogLayout.Columns columns -> {
          Slice key = Slice.of(columns.measurement());
          Measurement measurement = find(columns.database(), key);
          for (NewColumn column : columns.columns()) {
            if (measurement != null && measurement.column(column.key()) != null) {
              throw new UnreadableRecordException(
                  "column " + column.key() + " of " + measurement + " comes twice");
            }
          }
          publish(columns.database(), key, columns.columns(), lsn);
        }
      }
      lastLsn(lsn);
    } catch (UnreadableRecordException e) {
      throw new UnreadableRecordException("catalog LSN " + lsn + ": " + e.getMessage(), e);
    }
  }

  /// {@return the measurements of a database by name, a live view; empty if there is none yet}
  ///
  /// @param database its name
  public Map<Slice, Measurement> database(String database) {
    return databases.getOrDefault(database, Map.of());
  }

  /// {@return a measurement, or null}
  ///
  /// @param database its database
  /// @param name its name
  public @Nullable Measurement find(String database, String name) {
    return find(database, Slice.of(name));
  }

  private @Nullable Measurement find(String database, Slice name) {
    return database(database).get(name);
  }

  /// {@return how many measurements there are, over all databases}
  public int measurementCount() {
    return measurements.get();
  }

  /// {@return how many more measurements there may be}
  public int measurementsLeft() {
    return Math.max(0, maxMeasurements - measurements.get());
  }

  /// {@return the last LSN of this log whose columns can be found here; no smaller than that of any
  /// column the caller has seen here}
  public long lastLsn() {
    publishing.lock();
    try {
      return lastLsn;
    } finally {
      publishing.unlock();
    }
  }

  private void lastLsn(long lsn) {
    publishing.lock();
    try {
      lastLsn = lsn;
    } finally {
      publishing.unlock();
    }
  }

  /// Makes additions durable and then visible, all or none.
  ///
  /// @param database where they belong
  /// @param additions what to add; columns that are here already, of the same type, are left out
  /// @param maxColumns the most columns a measurement may have
  /// @return true if they are here now; false if somebody else was quicker with something that
  ///   contradicts them or takes their place: look again
  /// @throws IOException if the log cannot take them; none is visible
  public boolean add(String database, Additions additions, int maxColumns) throws IOException {
    lock.lock();
    try {
      Map<Slice, List<NewColumn>> missing = new LinkedHashMap<>();
      int newMeasurements = 0;
      for (Slice name : additions.measurements()) {
        Measurement known = find(database, name);
        List<NewColumn> columns = missing(known, additions.columns(name));
        if (columns == null || columnCount(known) + columns.size() > maxColumns) {
          return false;
        }
        newMeasurements += known == null ? 1 : 0;
        if (!columns.isEmpty()) {
          missing.put(name, columns);
        }
      }
      if (newMeasurements > measurementsLeft()) {
        return false;
      }
      append(database, missing);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static int columnCount(@Nullable Measurement measurement) {
    return measurement == null ? 0 : measurement.columnCount();
  }

  /// Returns what of `columns` is not there yet, or null if one is there with another type.
  private static @Nullable List<NewColumn> missing(
      @Nullable Measurement known, List<NewColumn> columns) {
    if (known == null) {
      return columns;
    }
    List<NewColumn> missing = new ArrayList<>();
    for (NewColumn column : columns) {
      CatalogColumn there = known.column(column.key());
      if (there == null) {
        missing.add(column);
      } else if (there.type() != column.type()) {
        return null;
      }
    }
    return missing;
  }

  private record Piece(Slice measurement, List<NewColumn> columns) {}

  private void append(String database, Map<Slice, List<NewColumn>> missing) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    missing.forEach((name, columns) -> cut(name, columns, pieces));
    if (pieces.isEmpty()) {
      return;
    }
    Batch batch = new Batch();
    for (Piece piece : pieces) {
      batch.add(
          CatalogLayout.bytes(
              new CatalogLayout.Columns(database, piece.measurement.toString(), piece.columns)));
    }
    long last = log.append(batch);
    log.awaitDurable(last);
    publishing.lock();
    try {
      long lsn = last - pieces.size();
      for (Piece piece : pieces) {
        publish(database, piece.measurement, piece.columns, ++lsn);
      }
      lastLsn = last;
    } finally {
      publishing.unlock();
    }
  }

  private static void cut(Slice measurement, List<NewColumn> columns, List<Piece> pieces) {
    List<NewColumn> piece = new ArrayList<>();
    int bytes = 0;
    for (NewColumn column : columns) {
      piece.add(column);
      bytes += CatalogLayout.columnBytes(column);
      if (bytes > RECORD_BYTES) {
        pieces.add(new Piece(measurement, piece));
        piece = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!piece.isEmpty()) {
      pieces.add(new Piece(measurement, piece));
    }
  }

  private void publish(String database, Slice name, List<NewColumn> columns, long lsn) {
    Map<Slice, Measurement> all =
        databases.computeIfAbsent(database, key -> new ConcurrentHashMap<>());
    Measurement measurement = all.get(name);
    if (measurement == null) {
      // With its columns before it can be found: a measurement has at least one.
      measurement = new Measurement(database, name.toString());
      measurement.add(columns, lsn);
      all.put(name, measurement);
      measurements.incrementAndGet();
    } else {
      measurement.add(columns, lsn);
    }
  }

  /// Finds the id of a shard's log, which names its files. A log that never held a record gets a
  /// new one, so that a log that was thrown away and begun anew, with the same LSNs, makes no file
  /// of a name that is taken.
  ///
  /// @param shard its number
  /// @param isEmpty whether the log never held a record
  /// @param candidate a random id to use if a new one is needed, 32 hexadecimal digits
  /// @return the id, durable
  /// @throws IOException if the log cannot take a new one
  public String logId(int shard, boolean isEmpty, String candidate) throws IOException {
    lock.lock();
    try {
      String known = logIds.get(shard);
      if (known != null && !isEmpty) {
        return known;
      }
      long lsn = log.append(CatalogLayout.bytes(new CatalogLayout.ShardLog(shard, candidate)));
      log.awaitDurable(lsn);
      logIds.put(shard, candidate);
      lastLsn(lsn);
      return candidate;
    } finally {
      lock.unlock();
    }
  }

  /// {@return why no more columns can be added: the log has failed; null if it has not. The same
  /// one whenever this is called}
  public @Nullable WalFailedException failure() {
    WalFailedException known = failure.get();
    if (known != null) {
      return known;
    }
    try {
      boolean _ =
          log.awaitDurableBeyond(log.lastLsn(), Duration.ZERO); // asks, and waits for nothing
      return null;
    } catch (WalFailedException e) {
      failure.compareAndSet(null, e);
      return failure.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /// {@return the log}
  public Wal log() {
    return log;
  }

  /// {@return the type of the column that holds a field}
  ///
  /// @param type what the field holds
  public static ColumnType columnType(FieldType type) {
    return switch (type) {
      case FLOAT -> ColumnType.FLOAT64;
      case INTEGER -> ColumnType.INT64;
      case UNSIGNED -> ColumnType.UINT64;
      case BOOLEAN -> ColumnType.BOOLEAN;
      case STRING -> ColumnType.STRING;
    };
  }

  /// {@return the type of a column in the words of the line protocol}
  ///
  /// @param type a type
  public static String words(ColumnType type) {
    return switch (type) {
      case TAG -> "a tag";
      case STRING -> "a string field";
      case FLOAT64 -> "a float field";
      case INT64 -> "an integer field";
      case UINT64 -> "an unsigned field";
      case BOOLEAN -> "a boolean field";
    };
  }
}
