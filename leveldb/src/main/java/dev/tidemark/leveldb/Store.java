package dev.tidemark.leveldb;

import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the parts of an open store share: its files, the view that reads look at, and the word that
/// it failed or was closed. Safe for use by any number of threads.
final class Store {
  private final Storage storage;
  private final LevelDbOptions options;
  private final Warnings warnings;
  private final Versions versions;
  private final TableCache tables;
  private final Failure failure;
  private final Snapshots snapshots;

  /// Written under this lock; who leads changes the tables in memory, the background the others.
  private volatile View view;

  // Guarded by this.
  private long flushedLog;
  private boolean cleanupAsked;
  private long compactionsAsked;
  private long compactionsDone;

  /// Guarded by this, read by all.
  private volatile boolean closed;

  Store(
      Storage storage,
      LevelDbOptions options,
      Warnings warnings,
      Versions versions,
      TableCache tables,
      MemTable table) {
    this.storage = storage;
    this.options = options;
    this.warnings = warnings;
    this.versions = versions;
    this.tables = tables;
    failure = new Failure(storage.description());
    snapshots = new Snapshots(versions::lastSequence);
    view = new View(table, null, versions.current());
  }

  Storage storage() {
    return storage;
  }

  LevelDbOptions options() {
    return options;
  }

  Warnings warnings() {
    return warnings;
  }

  Versions versions() {
    return versions;
  }

  TableCache tables() {
    return tables;
  }

  Failure failure() {
    return failure;
  }

  Snapshots snapshots() {
    return snapshots;
  }

  // ---- reading

  /// {@return what reads look at; its tables may go away}
  View view() {
    return view;
  }

  /// {@return what reads look at, with its tables pinned; to be given to [#unpin]}
  View pinView() {
    while (true) {
      checkOpen();
      View now = view;
      // One that cannot be pinned any more has been replaced, and so has the view.
      if (now.version().tryPin()) {
        return now;
      }
    }
  }

  void unpin(View pinned) {
    unpin(pinned.version());
  }

  private void unpin(Version version) {
    if (version.unpin()) {
      synchronized (this) {
        cleanupAsked = true;
        notifyAll();
      }
    }
  }

  // ---- writing

  /// Goes on with a new memory table; the one before is to be put into a table.
  ///
  /// @param log the log that the new one goes with
  synchronized void startFlush(long log) {
    View now = view;
    if (now.flushing() != null) {
      throw new IllegalStateException("a memory table is being flushed");
    }
    flushedLog = log;
    view = new View(new MemTable(), now.table(), now.version());
    notifyAll();
  }

  /// {@return the oldest log that is needed once the table that is being flushed is in the
  /// manifest}
  synchronized long flushedLog() {
    return flushedLog;
  }

  /// Shows reads other tables.
  ///
  /// @param next the tables
  /// @param flushed whether they hold what was being flushed
  void install(Version next, boolean flushed) {
    Version before;
    synchronized (this) {
      before = versions.install(next);
      View now = view;
      view = new View(now.table(), flushed ? null : now.flushing(), next);
      cleanupAsked = true;
      notifyAll();
    }
    unpin(before);
  }

  /// Waits until something about the view changes, the store fails or is closed, or the time is up.
  ///
  /// @param seen the view that is not good enough
  /// @param millis how long at most; 0 for ever
  @SuppressWarnings("ReferenceEquality") // whether it is the very same
  synchronized void awaitChange(View seen, long millis) {
    boolean interrupted = false;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = millis;
    while (view == seen && !failure.isSet() && !closed && (millis == 0 || left > 0)) {
      try {
        wait(left);
      } catch (InterruptedException e) {
        interrupted = true; // kept for whoever looks next: a write is not given up half done
      }
      left =
          millis == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the background

  synchronized boolean takeCleanup() {
    boolean asked = cleanupAsked;
    cleanupAsked = false;
    return asked;
  }

  synchronized long askCompaction() {
    compactionsAsked++;
    notifyAll();
    return compactionsAsked;
  }

  synchronized long compactionAsked() {
    return compactionsAsked > compactionsDone ? compactionsAsked : 0;
  }

  synchronized void compactionDone(long asked) {
    compactionsDone = asked;
    notifyAll();
  }

  /// Waits for a compaction that was asked for.
  ///
  /// @throws IOException if the store failed or was closed before
  synchronized void awaitCompaction(long asked) throws IOException {
    boolean interrupted = false;
    while (compactionsDone < asked && !failure.isSet() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    failure.check();
    checkOpen();
  }

  /// Waits until there is something to do in the background.
  ///
  /// @return false if there never will be
  synchronized boolean awaitWork() {
    while (!closed && !hasWork()) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Whoever interrupts all threads of a group must not leave the writers without this one.
      }
    }
    return !closed;
  }

  synchronized boolean hasWork() {
    return !failure.isSet()
        && !closed
        && (cleanupAsked
            || view.flushing() != null
            || compactionsAsked > compactionsDone
            || Compaction.isDue(versions.current(), versions));
  }

  // ---- the end

  /// Ends the store for good and wakes everybody.
  ///
  /// @return whether it is the first failure, which is then to be told ([#tellFailed]) as soon as
  ///   nobody waits for the calling thread
  boolean fail(Throwable cause) {
    boolean first = failure.set(cause);
    synchronized (this) {
      notifyAll();
    }
    return first;
  }

  void tellFailed(Throwable cause) {
    warnings.tell("failed: " + cause);
  }

  boolean isClosed() {
    return closed;
  }

  synchronized void markClosed() {
    closed = true;
    notifyAll();
  }

  void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  IllegalStateException closedException() {
    return new IllegalStateException(storage.description() + " is closed");
  }

  @Nullable Found get(byte[] key, @Nullable Snapshot snapshot) throws IOException {
    View pinned = pinView();
    try {
      // After the pin: what compaction dropped from these tables is hidden by something older than
      // this. What is newer than the view is not seen at all, whatever its number: it is in
      // a memory table that was begun after this read, which then is as of that moment.
      long sequence = snapshot == null ? versions.lastSequence() : snapshot.sequence(snapshots);
      return pinned.get(tables, key, InternalKeys.of(key, sequence, InternalKeys.PUT));
    } finally {
      unpin(pinned);
    }
  }

  KeyCursor cursor(@Nullable Snapshot snapshot) {
    View pinned = pinView();
    boolean given = false;
    try {
      long sequence = snapshot == null ? versions.lastSequence() : snapshot.sequence(snapshots);
      KeyCursor cursor = new KeyCursor(pinned.cursor(tables), sequence, () -> unpin(pinned));
      given = true;
      return cursor;
    } finally {
      if (!given) {
        unpin(pinned);
      }
    }
  }
}
