package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Makes calls on a log and keeps the books. Owned by one thread of a simulated host.
final class Driver implements AutoCloseable {
  private static final String NAME = "reader";
  private static final Duration IDLE =
      Duration.ofMillis(1200); // a mark, a due sync, the mark's sync
  private static final int[][] BATCHES = {{3, 30}, {12, 100}, {60, 100}}; // records, bytes of each

  private final SimulatedHost host;
  private final SimulatedDisk disk;
  private final Storage storage;
  private final WalOptions options;
  private final Ledger ledger;
  private @Nullable Wal wal;
  private int batches;

  /// @param disk what fails on request
  /// @param storage the same, as the log is to see it
  Driver(
      SimulatedHost host, SimulatedDisk disk, Storage storage, WalOptions options, Ledger ledger) {
    this.host = host;
    this.disk = disk;
    this.storage = storage;
    this.options = options;
    this.ledger = ledger;
  }

  /// Makes a call, and reads what a cursor shows then.
  void make(Call call) throws IOException {
    if (call == Call.CLOSE) {
      close();
      return;
    }
    Wal log = open();
    switch (call) {
      case APPEND_SMALL -> append(log, 10);
      case APPEND_MEDIUM -> append(log, 400);
      case APPEND_LARGE -> append(log, options.maxRecordBytes());
      case APPEND_BATCH -> appendBatch(log);
      case SYNC -> sync(log);
      case ROTATE -> rotate(log);
      case TRUNCATE -> truncate(log);
      case CHECKPOINT -> checkpoint(log);
      case ACKNOWLEDGE -> acknowledge(log);
      case REOPEN -> reopen(log);
      case REST -> host.rest(IDLE);
      case CLOSE -> throw new IllegalStateException();
    }
    read();
  }

  private Wal open() throws IOException {
    Wal log = wal;
    if (log == null) {
      ledger.opening();
      log = Wal.open(storage, host, options);
      wal = log;
      ledger.opened(log);
    }
    return log;
  }

  private void sync(Wal log) throws IOException {
    long last = log.lastLsn(); // and not what the log says it synced
    ledger.durable(Math.max(last, log.sync()));
  }

  private void rotate(Wal log) throws IOException {
    long last = log.lastLsn();
    log.rotate();
    ledger.durable(last);
    ledger.rotated();
  }

  private void append(Wal log, int bytes) throws IOException {
    byte[] record = ledger.make(bytes);
    ledger.appending(log.lastLsn() + 1, record);
    try {
      ledger.appended(log.append(record));
    } catch (WalFullException e) {
      ledger.refused(1);
      throw e;
    }
  }

  /// Appends a record that nobody waits for.
  ///
  /// @return its future, which the books follow
  CompletableFuture<Long> appendAsync() throws IOException {
    Wal log = open();
    byte[] record = ledger.make(120);
    ledger.appending(log.lastLsn() + 1, record);
    try {
      return log.appendAsync(MemorySegment.ofArray(record))
          .whenComplete(
              (lsn, error) -> {
                if (error == null) {
                  ledger.acknowledged(lsn);
                }
              });
    } catch (WalFullException e) {
      ledger.refused(1);
      throw e;
    }
  }

  /// {@return whether the log is open and has failed}
  boolean hasFailed() {
    Wal log = wal;
    return log != null && log.metrics().failed();
  }

  /// Opens a failed log again.
  void reopenFailed() throws IOException {
    Wal failed = wal;
    if (failed != null) {
      ledger.opened(null);
      Wal next = failed.reopen();
      wal = next;
      ledger.opened(next);
      closeQuietly(failed);
    }
  }

  private void appendBatch(Wal log) throws IOException {
    int[] shape = BATCHES[batches++ % BATCHES.length];
    Batch batch = new Batch();
    byte[][] records = new byte[shape[0]][];
    for (int i = 0; i < records.length; i++) {
      records[i] = ledger.make(shape[1]);
      batch.add(records[i]);
    }
    ledger.appending(log.lastLsn() + 1, records);
    try {
      ledger.appended(log.append(batch));
    } catch (WalFullException e) {
      ledger.refused(records.length);
      throw e;
    }
  }

  private void truncate(Wal log) throws IOException {
    long lsn = log.durableLsn();
    Stands.Stand stand = ledger.stands().of(NAME);
    if (stand != null) {
      lsn = Math.min(lsn, stand.acked() + 1);
    }
    lsn = Math.min(lsn, log.checkpoint().map(kept -> kept.lsn() + 1).orElse(Long.MAX_VALUE));
    if (lsn > log.firstLsn()) {
      ledger.truncating(lsn);
      log.truncateBefore(lsn);
      ledger.truncated(lsn);
    }
  }

  private void checkpoint(Wal log) throws IOException {
    long lsn = log.lastLsn();
    if (lsn > log.checkpoint().map(Checkpoint::lsn).orElse(0L)) {
      ledger.checkpointing(lsn);
      log.checkpoint(lsn, target -> target.write(Known.snapshot(lsn)));
      ledger.checkpointed(lsn);
    }
  }

  private void acknowledge(Wal log) throws IOException {
    Stands stands = ledger.stands();
    Stands.Stand stand = stands.of(NAME);
    if (stand == null) {
      long begin = log.firstLsn() - 1;
      ledger.stands(stands.with(NAME, false, begin, begin));
      try (Subscription subscription = log.subscribe(NAME)) {
        ledger.stands(stands.with(NAME, true, subscription.acked(), subscription.acked()));
      }
      return;
    }
    try (Subscription subscription = log.subscribe(NAME)) {
      long lsn = log.durableLsn();
      if (lsn > stand.acked()) {
        ledger.stands(stands.with(NAME, true, stand.acked(), lsn));
        subscription.ack(lsn);
        ledger.stands(stands.with(NAME, true, lsn, lsn));
      }
    }
  }

  // The record that meets the failure is in doubt until the log is open again.
  private void reopen(Wal log) throws IOException {
    host.rest(IDLE); // so that no segment is being prepared: its sync would fail in place of ours
    disk.faults().afterFailedSync(Faults.AfterFailedSync.FORGOTTEN);
    disk.faults().fail(Faults.Operation.SYNC, 1, new IOException("the disk is gone")); // once
    try {
      byte[] record = ledger.make(50);
      ledger.appending(log.lastLsn() + 1, record);
      ledger.appended(log.append(record)); // as far as the policy goes
      ledger.durable(log.sync());
      throw new AssertionError("a sync that failed was acknowledged");
    } catch (WalFailedException e) {
      // as it should be
    } finally {
      disk.faults().clear();
    }
    reopenFailed();
  }

  private static void closeQuietly(Wal failed) {
    try {
      failed.close();
    } catch (IOException | IllegalStateException e) {
      // it has failed, and gave its storage to the next
    }
  }

  // What a cursor delivers is durable: nothing may take it back.
  private void read() throws IOException {
    Wal log = wal;
    if (log != null) {
      try (Cursor cursor = log.read()) {
        while (cursor.next()) {
          ledger.durable(cursor.lsn());
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    Wal log = wal;
    wal = null;
    if (log != null) {
      try {
        log.close();
        ledger.closed();
      } finally {
        ledger.opened(null);
      }
    }
  }
}
