package dev.tidemark.formats.rocksdb;

/// What RocksDB makes of damage in its logs when it opens a database: its option
/// `wal_recovery_mode` (facebook/rocksdb, include/rocksdb/options.h, db/log_reader.cc,
/// db/db_impl/db_impl_open.cc).
public enum RecoveryMode {
  /// A record that the end of any log cuts short is ignored, and so is a damaged one in a file that
  /// was used again, with all behind it. Any other damage: the database does not open.
  TOLERATE_CORRUPTED_TAIL_RECORDS,

  /// The database does not open if anything is damaged or cut short.
  ABSOLUTE_CONSISTENCY,

  /// The default. Of a log, everything before the first damage is applied, a record that is cut
  /// short being damage too. Of the logs behind it nothing is applied, unless one begins with the
  /// very sequence number that would have come next: then nothing is missing between them.
  POINT_IN_TIME_RECOVERY,

  /// Every record that can be read is applied, whatever is missing between them.
  SKIP_ANY_CORRUPTED_RECORDS;

  /// {@return whether a record that the file cuts short counts as damage}
  boolean reportsTornTails() {
    return this == ABSOLUTE_CONSISTENCY || this == POINT_IN_TIME_RECOVERY;
  }

  /// {@return whether records behind damage are applied}
  boolean goesOn() {
    return this == SKIP_ANY_CORRUPTED_RECORDS;
  }

  /// {@return whether damage keeps the database from being opened}
  public boolean refusesDamage() {
    return this == TOLERATE_CORRUPTED_TAIL_RECORDS || this == ABSOLUTE_CONSISTENCY;
  }
}
