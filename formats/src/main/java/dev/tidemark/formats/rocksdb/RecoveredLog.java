package dev.tidemark.formats.rocksdb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// The records of one log file that RocksDB applies when it opens the database, under one of its
/// recovery modes (facebook/rocksdb, db/db_impl/db_impl_open.cc). What it makes of the logs behind
/// is the business of [LogReplay].
///
/// A record that is no write batch is damage too, and not shown; RocksDB applies the operations
/// before the one it cannot read.
public final class RecoveredLog implements RecordReader {
  /// What becomes of the log and of the database.
  public enum Outcome {
    /// All of it is applied that can be read.
    APPLIED,

    /// Nothing behind the first damage is applied.
    STOPPED,

    /// The database does not open, and nothing is applied, not even what was shown before.
    REFUSED
  }

  // As RocksDB's: 8 bits less than 64.
  private static final int SEQUENCE_BITS = 56;

  private final LogReader log;
  private final RecoveryMode mode;
  private final DamageListener damage;

  // Both owned by the caller's thread.
  private boolean stopped;
  private boolean ended;

  /// @param in the file from its first byte; closed by [#close()]
  /// @param logNumber the number in the file's name; empty if nobody knows it
  /// @param mode the database's
  /// @param damage is told what is damaged; behind the first that counts, nothing is looked at
  public RecoveredLog(
      InputStream in, OptionalLong logNumber, RecoveryMode mode, DamageListener damage) {
    this(in, logNumber, mode, damage, LogReader.MOST_DECOMPRESSED_BYTES);
  }

  RecoveredLog(
      InputStream in,
      OptionalLong logNumber,
      RecoveryMode mode,
      DamageListener damage,
      int mostBytes) {
    this.mode = mode;
    this.damage = damage;
    log = new LogReader(in, logNumber, mode, this::found, mostBytes);
  }

  @Override
  public boolean next() throws IOException {
    while (!ended && log.next()) {
      if (!stopped && isBatch()) {
        return true;
      }
      ended |= stopped;
    }
    ended = true;
    return false;
  }

  @Override
  public ByteBuffer payload() {
    return log.payload();
  }

  @Override
  public long offset() {
    return log.offset();
  }

  @Override
  public long endOffset() {
    return log.endOffset();
  }

  /// {@return what becomes of the log} Only after [#next()] returned false.
  public Outcome outcome() {
    if (!stopped) {
      return Outcome.APPLIED;
    }
    return mode.refusesDamage() ? Outcome.REFUSED : Outcome.STOPPED;
  }

  /// {@return whether something may be missing at the end of this log} Only after [#next()]
  /// returned false.
  boolean leavesDoubt() {
    return stopped || log.endsWithOldFragments();
  }

  @Override
  public void close() throws IOException {
    ended = true;
    log.close();
  }

  private boolean isBatch() {
    try {
      BatchReader.check(log.payload());
      long sequence = BatchReader.of(log.payload()).sequence();
      if (sequence >>> SEQUENCE_BITS != 0) {
        throw new FormatException(
            "sequence " + Long.toUnsignedString(sequence) + " is too large", 0);
      }
      return true;
    } catch (FormatException none) {
      found(
          new Damage(
              Damage.Kind.CORRUPTION,
              log.offset(),
              log.endOffset() - log.offset(),
              String.valueOf(none.getMessage())));
      return false;
    }
  }

  private void found(Damage found) {
    stopped |=
        switch (found.kind()) {
          case OVERLOOKED -> false;
          case TORN_TAIL -> mode.reportsTornTails() && !log.endsUnsaid();
          case CORRUPTION -> !mode.goesOn();
        };
    damage.found(found);
  }
}
