package dev.tidemark.ingest;

import java.io.IOException;
import java.nio.file.Path;

/// Metrics rows from bodies of line protocol to Parquet files, each exactly once.
///
/// ```java
/// try (Ingest ingest = Ingest.open(Path.of("data"), IngestOptions.defaults(), listener)) {
///   ingest.write(request); // its points survive a power cut when this returns
///   ingest.flush();        // and are in files when this returns
/// }
/// ```
///
/// Logs lie in `wal/shard-0000` and `wal/catalog` of the directory, files in `parquet`. Safe for
/// use by any number of platform and virtual threads. One process at a time has a directory open.
public final class Ingest implements AutoCloseable {

  private static final boolean WIRED = false;

  private Ingest() {}

  private static void wired() {
    if (!WIRED) {
      throw new UnsupportedOperationException("the logs cannot be opened yet");
    }
  }

  /// Opens a directory, which may be empty or missing, and recovers what a crash left: rows that
  /// are in no file are taken back into memory, interrupted flushes are finished.
  ///
  /// @param dataDirectory the directory; created if missing
  /// @param options how to work
  /// @param listener hears how recovery gets on
  /// @return ready for writes
  /// @throws dev.tidemark.wal.WalLockedException if somebody has it open
  /// @throws dev.tidemark.wal.CorruptWalException if something promised durable is damaged; nothing
  ///   was changed
  /// @throws IOException if the storage fails, or the logs hold something that this version cannot
  ///   read
  public static Ingest open(Path dataDirectory, IngestOptions options, RecoveryListener listener)
      throws IOException {
    wired();
    return new Ingest();
  }

  /// Stores a body. On return every accepted point is as durable as the sync policy says, and will
  /// be in a file exactly once.
  ///
  /// @param request the body; its array is lent until this returns
  /// @return what was stored; with `partial` perhaps not all
  /// @throws ColumnConflictException if columns contradict what their measurements have; nothing
  ///   was logged
  /// @throws BadLinesException if lines are bad, or no point is left; nothing was logged
  /// @throws IllegalArgumentException if the database name or the idempotency key breaks its rule;
  ///   nothing was logged
  /// @throws UnavailableException if memory or disk is full, or the log has failed; it says whether
  ///   the outcome is known
  public WriteResult write(WriteRequest request) throws BadLinesException, UnavailableException {
    wired();
    return new WriteResult(0, 0, java.util.List.of());
  }

  /// Writes files for everything acknowledged before the call.
  ///
  /// @return how many rows this call waited for; once it returns they are in files that are renamed
  ///   and synced
  /// @throws SinkFailedException if a file could not be written; it is tried again later by itself
  /// @throws UnavailableException if the log has failed, this is closed, or the thread is
  ///   interrupted
  public long flush() throws SinkFailedException, UnavailableException {
    wired();
    return 0;
  }

  /// {@return counters and gauges of this moment}
  @SuppressWarnings("DoNotCallSuggester")
  public IngestMetrics metrics() {
    wired();
    throw new IllegalStateException("the logs cannot be opened yet");
  }

  /// {@return whether writes can be acknowledged and files written}
  public boolean healthy() {
    return failure().isEmpty();
  }

  /// {@return why not, fit for an operator; empty if [#healthy()]}
  public String failure() {
    wired();
    return "";
  }

  /// Stops taking, flushes, and closes the logs, so that the next start replays no rows.
  /// Idempotent.
  ///
  /// Waits for flushes as long as the options say, and then for the logs, which take 30 seconds
  /// each at most. What is in no file by then is still in the log.
  ///
  /// @throws IOException if a log could not be closed properly; nothing acknowledged is lost
  @Override
  public void close() throws IOException {}
}
