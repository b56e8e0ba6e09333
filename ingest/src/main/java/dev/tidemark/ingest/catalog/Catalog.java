package dev.tidemark.ingest.catalog;

import dev.tidemark.ingest.lineprotocol.FieldType;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.ingest.record.UnreadableRecordException;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
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
/// A start reads the newest checkpoint ([CatalogSnapshot]) and the log behind it; once the log has
/// grown enough the next one is taken ([CatalogCheckpoints]), and what is before it goes. So the
/// log grows with what there is, not with use. Safe for use by any number of threads.
public final class Catalog implements AutoCloseable {
  // New columns of one record, in bytes at most, less one name: far below the largest record.
  static final int RECORD_BYTES = 16 << 10;

  private final Wal log;
  private final int maxMeasurements;
  private final ReentrantLock lock = new ReentrantLock(); // who has it changes the rest
  private final Measurements measurements;
  private final CatalogCheckpoints checkpoints;

  // The first that was seen.
  private final AtomicReference<@Nullable WalFailedException> failure = new AtomicReference<>();

  private Catalog(
      Wal log, int maxMeasurements, Measurements measurements, CatalogCheckpoints checkpoints) {
    this.log = log;
    this.maxMeasurements = maxMeasurements;
    this.measurements = measurements;
    this.checkpoints = checkpoints;
  }

  /// Reads a catalog from its log: the newest checkpoint, and the records behind it.
  ///
  /// @param log the log; stays the caller's to close, after this
  /// @param maxMeasurements the most measurements that may be added up to
  /// @return the catalog
  /// @throws UnreadableRecordException if the log or the checkpoint holds something that makes no
  ///   sense
  /// @throws dev.tidemark.wal.CorruptWalException if the checkpoint is damaged
  /// @throws IOException if the log cannot be read
  public static Catalog open(Wal log, int maxMeasurements) throws IOException {
    return open(
        log,
        maxMeasurements,
        CatalogCheckpoints.BEHIND_BYTES,
        job -> Thread.ofPlatform().daemon().name("tidemark-catalog-checkpoint").start(job));
  }

  /// Reads a catalog as [#open(Wal, int)] does.
  ///
  /// @param behindBytes how far the log may grow behind a checkpoint, in bytes
  /// @param worker takes the checkpoints
  static Catalog open(Wal log, int maxMeasurements, long behindBytes, Executor worker)
      throws IOException {
    Measurements found = new Measurements();
    long from = 1;
    Optional<Checkpoint> newest = log.checkpoint();
    if (newest.isPresent()) {
      try (InputStream in = newest.get().open()) {
        CatalogSnapshot.read(in, newest.get().lsn(), found);
      }
      from = newest.get().lsn() + 1;
    }
    long lowWater = log.metrics().lsns().lowWater();
    if (lowWater > from) {
      throw new UnreadableRecordException(
          "the catalog log begins at LSN " + lowWater + ", but it is needed from " + from);
    }
    try (Cursor cursor = log.read(from)) {
      while (cursor.next()) {
        found.replay(cursor.lsn(), cursor.bytes());
      }
    }
    CatalogCheckpoints checkpoints = new CatalogCheckpoints(log, found, behindBytes, worker);
    checkpoints.takeNowIfDue();
    return new Catalog(log, maxMeasurements, found, checkpoints);
  }

  /// {@return the measurements of a database by name, a live view; empty if there is none yet}
  ///
  /// @param database its name
  public Map<Slice, Measurement> database(String database) {
    return measurements.database(database);
  }

  /// {@return a measurement, or null}
  ///
  /// @param database its database
  /// @param name its name
  public @Nullable Measurement find(String database, String name) {
    return measurements.find(database, Slice.of(name));
  }

  /// {@return how many measurements there are, over all databases}
  public int measurementCount() {
    return measurements.count();
  }

  /// {@return how many more measurements there may be}
  public int measurementsLeft() {
    return Math.max(0, maxMeasurements - measurements.count());
  }

  /// {@return the last LSN of this log whose columns can be found here; no smaller than that of any
  /// column the caller has seen here}
  public long lastLsn() {
    return measurements.lastLsn();
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
    if (!added(database, additions, maxColumns)) {
      return false;
    }
    checkpoints.takeIfDue();
    return true;
  }

  private boolean added(String database, Additions additions, int maxColumns) throws IOException {
    lock.lock();
    try {
      Map<Slice, List<NewColumn>> missing = new LinkedHashMap<>();
      int newMeasurements = 0;
      for (Slice name : additions.measurements()) {
        Measurement known = measurements.find(database, name);
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

  private void append(String database, Map<Slice, List<NewColumn>> missing) throws IOException {
    List<CatalogLayout.Columns> records = new ArrayList<>();
    missing.forEach((name, columns) -> cut(database, name.toString(), columns, records));
    if (records.isEmpty()) {
      return;
    }
    Batch batch = new Batch();
    for (CatalogLayout.Columns record : records) {
      batch.add(CatalogLayout.bytes(record));
    }
    long last = log.append(batch);
    log.awaitDurable(last);
    measurements.publish(records, last);
  }

  private static void cut(
      String database,
      String measurement,
      List<NewColumn> columns,
      List<CatalogLayout.Columns> records) {
    List<NewColumn> piece = new ArrayList<>();
    int bytes = 0;
    for (NewColumn column : columns) {
      piece.add(column);
      bytes += CatalogLayout.columnBytes(column);
      if (bytes > RECORD_BYTES) {
        records.add(new CatalogLayout.Columns(database, measurement, piece));
        piece = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!piece.isEmpty()) {
      records.add(new CatalogLayout.Columns(database, measurement, piece));
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
      String known = measurements.logId(shard);
      if (known != null && !isEmpty) {
        return known;
      }
      CatalogLayout.ShardLog record = new CatalogLayout.ShardLog(shard, candidate);
      long lsn = log.append(CatalogLayout.bytes(record));
      log.awaitDurable(lsn);
      measurements.publish(record, lsn);
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

  /// Takes no more checkpoints, and waits for one that is being taken. Changes nothing else: what
  /// was added is durable. Idempotent.
  ///
  /// @throws IOException if it does not end within 10 seconds
  @Override
  public void close() throws IOException {
    checkpoints.close();
  }

  /// {@return what is known; for a look at it}
  Measurements measurements() {
    return measurements;
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
