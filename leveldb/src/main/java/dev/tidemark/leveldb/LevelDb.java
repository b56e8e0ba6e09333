package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A key-value store in LevelDB's own files: it opens what LevelDB 1.23 left, even after a crash,
/// and leaves what LevelDB opens. Keys and values are bytes; keys ascend byte by byte without a
/// sign.
///
/// **Durability.** A write is in the log before it is acknowledged. One with [WriteOptions#SYNCED],
/// which is the default, survives a power cut, and so does every write acknowledged before it. One
/// with [WriteOptions#BUFFERED] survives the end of the process. After a power cut the store opens
/// by itself.
///
/// **Failure.** The first failed write or sync of any file is final: that call and all that write
/// later throw [LevelDbFailedException], those under way are in doubt, reading goes on. Mend the
/// cause, close the store, open it again.
///
/// **Threads.** Safe for use by any number of threads. Those that write at once share one record of
/// the log and one sync. A thread that writes, or waits to, is not ended by an interrupt, whose
/// flag stays set; where [Storage#uninterruptible()] does not hold, an interrupt during a write
/// fails the store. The oldest writer writes for the others in its own thread; a virtual one holds
/// its carrier meanwhile.
///
/// **Reading** sees all writes that were acknowledged before it began. The checksum of every block
/// of a table is verified whenever it is read from a file.
///
/// One process at a time has a store open, whether by this class or by LevelDB.
public final class LevelDb implements AutoCloseable {
  private final Storage storage;
  private final Store store;
  private final WritePath writes;
  private final Background background;
  private final Ending ending = new Ending();

  private LevelDb(Storage storage, Opening.Opened opened) {
    this.storage = storage;
    store = opened.store();
    background = new Background(store);
    writes = new WritePath(store, opened.log(), background::wake);
  }

  /// Opens a store with the default options; makes one if there is none.
  ///
  /// @param directory where
  /// @return the store
  /// @throws IOException as [#open(Path, LevelDbOptions)] does
  public static LevelDb open(Path directory) throws IOException {
    return open(directory, LevelDbOptions.defaults());
  }

  /// Opens a store. What the logs hold is in tables, or in a log that is gone on with, when this
  /// returns; all of it is durable then.
  ///
  /// @param directory where; made, with its parents, if the options allow to make a store
  /// @param options how it works
  /// @return the store
  /// @throws dev.tidemark.wal.WalLockedException if it is open in this or another process
  /// @throws CorruptLevelDbException if the manifest is damaged or of another order of keys, if
  ///   tables are missing, or if logs are damaged and the options ask for paranoid checks
  /// @throws java.nio.file.NoSuchFileException if there is none and the options forbid to make one
  /// @throws java.nio.file.FileAlreadyExistsException if there is one and the options forbid that
  /// @throws IOException if the directory cannot be read or written
  public static LevelDb open(Path directory, LevelDbOptions options) throws IOException {
    if (!options.createIfMissing()) {
      FileStorage.openReadOnly(directory).close(); // refuses one that is not there
    }
    return open(FileStorage.open(directory, FileName.LOCK), options);
  }

  /// Opens a store in a storage of the caller's making.
  ///
  /// @param storage where; closed with the store, and if this throws
  /// @param options how it works
  /// @return the store
  /// @throws IOException as [#open(Path, LevelDbOptions)] does
  public static LevelDb open(Storage storage, LevelDbOptions options) throws IOException {
    LevelDb db = openQuiet(storage, options);
    boolean started = false;
    try {
      db.background.start();
      started = true;
      return db;
    } finally {
      if (!started) { // there is no room for a thread
        db.close();
      }
    }
  }

  /// Opens a store whose background works in the threads of those who write, for tests that want
  /// the same order every time.
  static LevelDb openQuiet(Storage storage, LevelDbOptions options) throws IOException {
    boolean done = false;
    try {
      storage.lock();
      LevelDb db = new LevelDb(storage, new Opening(storage, options).open());
      done = true;
      return db;
    } finally {
      if (!done) {
        storage.close();
      }
    }
  }

  /// Opens a store to read it, as [LevelDbReader#open] does.
  ///
  /// @param directory where
  /// @param warnings is told of what is damaged and passed over
  /// @return the reader
  /// @throws IOException as [LevelDbReader#open] does
  public static LevelDbReader openReadOnly(Path directory, Consumer<String> warnings)
      throws IOException {
    return LevelDbReader.open(directory, warnings);
  }

  // ---- writing

  /// Gives a key a value, durably.
  ///
  /// @param key read before this returns; may be empty
  /// @param value read before this returns; may be empty
  /// @throws LevelDbFailedException if the store fails or has failed; whether the write survives is
  ///   unknown
  /// @throws IllegalArgumentException if they are larger than [WriteBatch#MAX_BYTES] together
  /// @throws IllegalStateException if the store is closed
  /// @throws IOException never otherwise
  public void put(byte[] key, byte[] value) throws IOException {
    put(key, value, WriteOptions.SYNCED);
  }

  /// Gives a key a value.
  ///
  /// @param key read before this returns; may be empty
  /// @param value read before this returns; may be empty
  /// @param options when it is acknowledged
  /// @throws IOException as [#put(byte\[\], byte\[\])] does
  public void put(byte[] key, byte[] value, WriteOptions options) throws IOException {
    WriteBatch.checkSize((long) key.length + value.length);
    writes.write(Writer.put(key, value, options.sync()));
  }

  /// Deletes a key, durably, whether it is there or not.
  ///
  /// @param key read before this returns; may be empty
  /// @throws IOException as [#put(byte\[\], byte\[\])] does
  public void delete(byte[] key) throws IOException {
    delete(key, WriteOptions.SYNCED);
  }

  /// Deletes a key, whether it is there or not.
  ///
  /// @param key read before this returns; may be empty
  /// @param options when it is acknowledged
  /// @throws IOException as [#put(byte\[\], byte\[\])] does
  public void delete(byte[] key, WriteOptions options) throws IOException {
    WriteBatch.checkSize(key.length);
    writes.write(Writer.delete(key, options.sync()));
  }

  /// Makes several changes, all or none. A read sees all of them or none, too.
  ///
  /// @param batch stays as it is; the caller's again when this returns
  /// @param options when it is acknowledged
  /// @throws IOException as [#put(byte\[\], byte\[\])] does
  public void write(WriteBatch batch, WriteOptions options) throws IOException {
    if (batch.count() > 0 || options.sync()) {
      writes.write(Writer.batch(batch, options.sync()));
    }
  }

  // ---- reading

  /// {@return what a key holds, null if it is not there; the caller's}
  ///
  /// @param key the key
  /// @throws CorruptLevelDbException if a table is damaged where it must be read
  /// @throws IllegalStateException if the store is closed
  /// @throws IOException if a table cannot be read
  public byte @Nullable [] get(byte[] key) throws IOException {
    return value(store.get(key, null));
  }

  /// {@return what a key held when a snapshot was taken, null if it was not there; the caller's}
  ///
  /// @param key the key
  /// @param snapshot of this store
  /// @throws IllegalArgumentException if the snapshot is another store's
  /// @throws IllegalStateException if the snapshot or the store is closed
  /// @throws IOException as [#get(byte\[\])] does
  public byte @Nullable [] get(byte[] key, Snapshot snapshot) throws IOException {
    return value(store.get(key, snapshot));
  }

  static byte @Nullable [] value(@Nullable Found found) {
    return found == null || found.isDeleted() ? null : found.value().clone();
  }

  /// Keeps what the store holds now readable, whatever is written later.
  ///
  /// @return the snapshot, to be closed
  /// @throws IllegalStateException if the store is closed
  public Snapshot snapshot() {
    store.checkOpen();
    return store.snapshots().take();
  }

  /// {@return a cursor over what the store holds now, before the first key; to be closed before the
  /// store}
  ///
  /// @throws IllegalStateException if the store is closed
  public KeyCursor cursor() {
    return store.cursor(null);
  }

  /// {@return a cursor over what the store held when a snapshot was taken, before the first key; to
  /// be closed before the store}
  ///
  /// @param snapshot of this store; may be closed as soon as this returns
  /// @throws IllegalArgumentException if the snapshot is another store's
  /// @throws IllegalStateException if the snapshot or the store is closed
  public KeyCursor cursor(Snapshot snapshot) {
    return store.cursor(snapshot);
  }

  // ---- files

  /// Puts what was written so far into a table.
  ///
  /// @throws LevelDbFailedException if the store fails or has failed
  /// @throws IllegalStateException if it is closed
  /// @throws IOException never otherwise
  public void flush() throws IOException {
    writes.flush();
  }

  /// Puts what was written so far into tables of one level, without what was overwritten or deleted
  /// and no snapshot needs.
  ///
  /// @throws LevelDbFailedException if the store fails or has failed
  /// @throws IllegalStateException if it is closed
  /// @throws IOException never otherwise
  public void compact() throws IOException {
    writes.flush();
    long asked = store.askCompaction();
    background.wake();
    store.awaitCompaction(asked);
  }

  /// Syncs what was written without, and closes all files. What is in memory stays in the log, as
  /// LevelDB has it. Waits for writes that are under way; what is read meanwhile may fail.
  ///
  /// Idempotent. When it returns, another may open the store; that is so for whoever calls it while
  /// it is being closed, too, whether that fails or not. Called by the program's own listener
  /// ([LevelDbOptions#warnings()]) it waits for no write that waits for room, and does not wait for
  /// somebody else who closes the store.
  ///
  /// @throws IOException to the first that calls it, if the sync fails; the store is closed all the
  ///   same, and what was not synced in doubt
  @Override
  public void close() throws IOException {
    if (!ending.begin()) {
      if (!background.isMine()) { // whoever closes waits for the background
        ending.await();
      }
      return;
    }
    try (Closeable _ = ending::done;
        Closeable _ = this::closeFiles) {
      if (background.isMine()) {
        store.markClosed(); // first: writers that wait for room wait for this thread
      }
      writes.close();
    }
  }

  private void closeFiles() throws IOException {
    try (Storage _ = storage) {
      background.join();
      store.tables().close();
      store.versions().close();
    }
  }

  Store store() {
    return store;
  }
}
