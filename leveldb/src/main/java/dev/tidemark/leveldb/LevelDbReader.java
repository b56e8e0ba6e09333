package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads a LevelDB directory and changes nothing about it: no lock is taken, no file made, written
/// or removed.
///
/// Shows what LevelDB would show after opening it with `paranoid_checks = false`: what is damaged
/// in a log is passed over, and told. What is damaged in a table is passed over, too, block by
/// block, and told; LevelDB, which does not verify checksums unless asked to, might show its bytes.
///
/// What the logs hold is kept in memory. Meant for a directory that nobody has open; of one that is
/// in use it shows a state of the recent past, or fails because files went away. Safe for use by
/// any number of threads.
public final class LevelDbReader implements AutoCloseable {
  /// How often a directory is read again that changes under the reader.
  private static final int TRIES = 5;

  private final Storage storage;
  private final TableCache tables;
  private final View view;
  private final long lastSequence;

  /// Written by whoever closes it.
  private volatile boolean closed;

  private LevelDbReader(Storage storage, TableCache tables, View view, long lastSequence) {
    this.storage = storage;
    this.tables = tables;
    this.view = view;
    this.lastSequence = lastSequence;
  }

  /// Opens a directory.
  ///
  /// @param directory where
  /// @param warnings is told of what is damaged and passed over, in a sentence each, on the thread
  ///   that finds it: in this call or in one that reads
  /// @return the reader
  /// @throws NoSuchFileException if there is no such directory, or no store in it
  /// @throws CorruptLevelDbException if LevelDB would refuse it: the manifest is damaged or of
  ///   another order of keys, or tables are missing
  /// @throws IOException if it cannot be read
  public static LevelDbReader open(Path directory, Consumer<String> warnings) throws IOException {
    return open(FileStorage.openReadOnly(directory), warnings);
  }

  /// Opens a directory in a storage of the caller's making.
  ///
  /// @param storage where; closed with the reader, and if this throws
  /// @param warnings is told of what is damaged and passed over
  /// @return the reader
  /// @throws IOException as [#open(Path, Consumer)] does
  public static LevelDbReader open(Storage storage, Consumer<String> warnings) throws IOException {
    boolean done = false;
    try {
      LevelDbReader reader = tryOften(storage, new Warnings(storage.description(), warnings));
      done = true;
      return reader;
    } finally {
      if (!done) {
        storage.close();
      }
    }
  }

  /// A file that is gone was removed by whoever has the store open, and the manifest has changed.
  private static LevelDbReader tryOften(Storage storage, Warnings warnings) throws IOException {
    for (int tried = 1; ; tried++) {
      try {
        return read(storage, warnings);
      } catch (NoSuchFileException gone) {
        boolean isThere = storage.list().contains(FileName.CURRENT);
        if (!isThere || tried == TRIES) {
          throw isThere ? gone : none(storage, gone);
        }
      } catch (CorruptLevelDbException changed) { // or corrupt indeed, then each time
        if (tried == TRIES) {
          throw changed;
        }
      }
    }
  }

  private static NoSuchFileException none(Storage storage, NoSuchFileException cause) {
    NoSuchFileException none =
        new NoSuchFileException(storage.description(), null, "there is no CURRENT, so no store");
    none.initCause(cause);
    return none;
  }

  private static LevelDbReader read(Storage storage, Warnings warnings) throws IOException {
    // The logs that are there before: one that is flushed and removed after the manifest was read
    // is then found missing when it is opened, not passed over.
    List<String> logs = storage.list();
    FoundManifest found = FoundManifest.read(storage, false);
    found.checkFiles(storage.list(), warnings);
    LogReplay replay = new LogReplay(storage, false, warnings, full -> false);
    for (long log : found.logs(logs)) {
      replay.replay(log);
    }
    TableCache tables =
        new TableCache(
            storage,
            LevelDbOptions.DEFAULT_BLOCK_CACHE_BYTES,
            LevelDbOptions.DEFAULT_MAX_OPEN_TABLES,
            damage -> warnings.tell(damage + ", passed over"));
    View view = new View(replay.table(), null, found.version());
    long sequence = Math.max(found.lastSequence(), replay.lastSequence());
    return new LevelDbReader(storage, tables, view, sequence);
  }

  /// {@return what a key holds, null if it is not there; the caller's}
  ///
  /// @param key the key
  /// @throws CorruptLevelDbException if a table is damaged where it must be read
  /// @throws IllegalStateException if the reader is closed
  /// @throws IOException if a table cannot be read
  public byte @Nullable [] get(byte[] key) throws IOException {
    checkOpen();
    byte[] seekKey = InternalKeys.of(key, lastSequence, InternalKeys.PUT);
    return LevelDb.value(view.get(tables, key, seekKey));
  }

  /// {@return a cursor over all keys, before the first; to be closed before the reader}
  ///
  /// @throws IllegalStateException if the reader is closed
  public KeyCursor cursor() {
    checkOpen();
    return new KeyCursor(view.cursor(tables), lastSequence, () -> {});
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the reader of " + storage.description() + " is closed");
    }
  }

  /// Closes all files. Idempotent.
  ///
  /// @throws IOException if the storage fails
  @Override
  public void close() throws IOException {
    closed = true;
    tables.close();
    storage.close();
  }
}
