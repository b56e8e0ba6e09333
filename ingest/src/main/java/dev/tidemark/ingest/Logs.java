package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.sink.Sink;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Where the logs and the files of a data directory are: the seam that tests put their own behind.
interface Logs {
  /// The name of the catalog's log.
  String CATALOG = "catalog";

  /// {@return the name of a shard's log}
  ///
  /// @param number which shard
  static String shard(int number) {
    return String.format(Locale.ROOT, "shard-%04d", number);
  }

  /// {@return those of a directory: logs in `wal`, files in `parquet`}
  ///
  /// @param dataDirectory the directory
  /// @param options how large segments are, and what the logs may take
  /// @throws IOException if the file system cannot be asked how much is free
  static Logs in(Path dataDirectory, IngestOptions options) throws IOException {
    return new DirectoryLogs(
        dataDirectory,
        options.disk(),
        IngestOptions.leastDiskBytes(options.segmentBytes()),
        FileStorage::open);
  }

  /// {@return what the logs together may take, and take}
  DiskUse disk();

  /// What there is of a log.
  enum Presence {
    /// Nothing that could be opened.
    MISSING,
    /// A log in which nothing was ever written.
    EMPTY,
    /// A log with records, or with such as were removed since.
    USED
  }

  /// {@return what there is of a log; nothing is changed}
  ///
  /// @param name its name
  /// @throws IOException if it cannot be read
  Presence presence(String name) throws IOException;

  /// Looks whether a log could be opened, and changes nothing.
  ///
  /// @param name its name; there may be none
  /// @param options how it would work
  /// @throws IOException as [Wal#check]
  void check(String name, WalOptions options) throws IOException;

  /// Opens a log, which may not exist yet.
  ///
  /// @param name its name
  /// @param options how it works
  /// @return the log, the caller's to close
  /// @throws IOException as the log says
  Wal open(String name, WalOptions options) throws IOException;

  /// Opens a log again that has failed, without giving it up in between.
  ///
  /// @param name its name
  /// @param failed the log as it was opened last; stays failed
  /// @return the log to go on with, the caller's to close
  /// @throws IOException as [Wal#reopen()]; the failed log can be closed
  Wal reopen(String name, Wal failed) throws IOException;

  /// {@return the numbers of all shards that have a log, in order}
  ///
  /// @throws IOException if the directory cannot be read
  List<Integer> shards() throws IOException;

  /// Removes a shard's log, which is closed and holds nothing that is needed. After a crash it is
  /// there whole or not at all.
  ///
  /// @param number which shard
  /// @throws IOException if the directory cannot be changed
  void removeShard(int number) throws IOException;

  /// Opens the sink. Called with the logs open, so that nobody else writes there.
  ///
  /// @return the sink, the caller's to close
  /// @throws IOException as the sink says
  Sink openSink() throws IOException;
}
