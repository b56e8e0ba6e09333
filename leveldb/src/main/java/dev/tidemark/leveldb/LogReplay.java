package dev.tidemark.leveldb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.BatchReader;
import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.LogReader;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Puts what a log holds into memory tables (google/leveldb, db/db_impl.cc,
/// DBImpl::RecoverLogFile). For one thread at a time.
///
/// What is damaged is passed over and told, or, if the store is paranoid, refused. An end that is
/// cut is what a crash leaves, and no damage.
final class LogReplay {
  private final Storage storage;
  private final boolean paranoid;
  private final Warnings warnings;
  private final FullTable full;

  // All owned by the caller's thread.
  private MemTable table = new MemTable();
  private long lastSequence;
  private String name = "";
  private boolean damaged;
  private long wholeBytes;

  /// @param storage where the logs are
  /// @param paranoid whether damage is refused
  /// @param warnings are told of damage that is passed over
  /// @param full is asked after each record whether the memory table is full, and then takes it
  LogReplay(Storage storage, boolean paranoid, Warnings warnings, FullTable full) {
    this.storage = storage;
    this.paranoid = paranoid;
    this.warnings = warnings;
    this.full = full;
  }

  /// What becomes of a memory table that grows.
  interface FullTable {
    /// {@return whether it took the table; then the next record goes into a new one}
    boolean takes(MemTable table) throws IOException;
  }

  /// Replays a log into what [#table()] is.
  ///
  /// @param number of the log
  /// @throws CorruptLevelDbException if it is damaged and the store is paranoid
  /// @throws IOException if it cannot be read
  void replay(long number) throws IOException {
    name = FileName.log(number);
    damaged = false;
    wholeBytes = 0;
    try (StorageFile file = storage.openForRead(name);
        LogReader records = new LogReader(new StorageInput(file), this::found)) {
      while (next(records)) {
        apply(records.payload(), records.offset());
        wholeBytes = records.endOffset();
        if (full.takes(table)) {
          table = new MemTable();
        }
      }
    }
  }

  private boolean next(LogReader records) throws IOException {
    try {
      return records.next();
    } catch (Refused refused) {
      throw new CorruptLevelDbException(refused.reason);
    }
  }

  private void apply(ByteBuffer payload, long offset) throws CorruptLevelDbException {
    BatchReader batch;
    try {
      batch = BatchReader.of(payload);
    } catch (FormatException e) {
      corrupt(offset, payload.remaining(), String.valueOf(e.getMessage()));
      return;
    }
    long behind = batch.sequence() + batch.count();
    if (batch.sequence() < 0 || behind - 1 > InternalKeys.MAX_SEQUENCE) {
      corrupt(
          offset,
          payload.remaining(),
          "sequence number " + Long.toUnsignedString(batch.sequence()) + " leads above 2^56 - 1");
      return;
    }
    try {
      behind = Math.max(behind, Operations.apply(batch, table));
    } catch (FormatException e) {
      // LevelDB keeps the operations before what is malformed, and so their numbers are taken.
      behind = Math.max(behind, batch.sequence() + payload.remaining());
      corrupt(offset, payload.remaining(), String.valueOf(e.getMessage()));
    }
    lastSequence = Math.clamp(behind - 1, lastSequence, InternalKeys.MAX_SEQUENCE);
  }

  private void corrupt(long offset, long bytes, String reason) throws CorruptLevelDbException {
    try {
      found(new Damage(Damage.Kind.CORRUPTION, offset, bytes, reason));
    } catch (Refused refused) {
      throw new CorruptLevelDbException(refused.reason);
    }
  }

  private void found(Damage damage) {
    String what = damage.reason() + ", " + damage.bytes() + " bytes at byte " + damage.offset();
    if (damage.kind() == Damage.Kind.TORN_TAIL) {
      return;
    }
    damaged = true;
    if (paranoid && damage.kind() == Damage.Kind.CORRUPTION) {
      throw new Refused(
          name
              + ": "
              + what
              + ". Opened without paranoid checks, the store passes over what is damaged and loses it");
    }
    warnings.tell(name + ": " + what + ", passed over");
  }

  /// {@return the memory table that the next record goes into}
  MemTable table() {
    return table;
  }

  /// Lets the next record go into a new memory table.
  void startTable() {
    table = new MemTable();
  }

  /// {@return the largest sequence number found; 0 for none}
  long lastSequence() {
    return lastSequence;
  }

  /// {@return whether anything but a cut end was wrong with the log replayed last}
  boolean isDamaged() {
    return damaged;
  }

  /// {@return where the last whole record of the log replayed last ends, in bytes}
  long wholeBytes() {
    return wholeBytes;
  }

  /// Carries a refusal through the reader, whose listener throws nothing else.
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    Refused(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }
}
