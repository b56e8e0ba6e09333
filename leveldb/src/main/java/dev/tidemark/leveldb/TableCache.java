package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The tables that are open: those in use, and as many of the others as were used last and are
/// allowed. Safe for use by any number of threads.
final class TableCache {
  private final Storage storage;
  private final BlockCache blocks;
  private final int mostTables;
  private final @Nullable Consumer<String> skipped;

  // Guarded by this.
  private final Map<Long, Opened> tables = new LinkedHashMap<>(64, 0.75f, true);
  private boolean closed;

  /// @param storage where the files are
  /// @param blockBytes how much of them to keep in memory
  /// @param mostTables how many to keep open
  /// @param skipped where not null, cursors pass over what is damaged, and tell it
  TableCache(Storage storage, long blockBytes, int mostTables, @Nullable Consumer<String> skipped) {
    this.storage = storage;
    this.mostTables = mostTables;
    this.skipped = skipped;
    blocks = new BlockCache(blockBytes);
  }

  private static final class Opened {
    final Table table;

    /// Guarded by the cache.
    int users;

    Opened(Table table) {
      this.table = table;
    }
  }

  /// Opens a table, or finds it open.
  ///
  /// @return the table, which stays open until [#release]
  synchronized Table acquire(TableFile file) throws IOException {
    if (closed) {
      throw new IllegalStateException(storage.description() + " is closed");
    }
    Opened opened = tables.get(file.number());
    if (opened == null) {
      opened = new Opened(open(file));
      tables.put(file.number(), opened);
    }
    opened.users++;
    return opened.table;
  }

  private Table open(TableFile file) throws IOException {
    StorageFile found = openFile(file.number());
    boolean keep = false;
    try {
      Table table = Table.open(found, file.number(), file.bytes(), blocks);
      keep = true;
      return table;
    } finally {
      if (!keep) {
        found.close();
      }
    }
  }

  private StorageFile openFile(long number) throws IOException {
    try {
      return storage.openForRead(FileName.table(number));
    } catch (NoSuchFileException missing) {
      try {
        return storage.openForRead(FileName.oldTable(number));
      } catch (NoSuchFileException alsoMissing) {
        missing.addSuppressed(alsoMissing);
        throw missing;
      }
    }
  }

  /// Gives a table back that [#acquire] gave.
  void release(TableFile file) {
    List<Table> surplus;
    synchronized (this) {
      Opened opened = tables.get(file.number());
      if (opened == null) {
        return; // the cache was closed meanwhile
      }
      opened.users--;
      surplus = surplus();
    }
    surplus.forEach(TableCache::close);
  }

  private List<Table> surplus() {
    List<Table> surplus = new ArrayList<>();
    Iterator<Opened> oldest = tables.values().iterator();
    while (tables.size() > mostTables && oldest.hasNext()) {
      Opened candidate = oldest.next();
      if (candidate.users == 0) {
        oldest.remove();
        surplus.add(candidate.table);
      }
    }
    return surplus;
  }

  /// Closes a table that nobody will ask for again.
  void forget(long number) {
    Opened opened;
    synchronized (this) {
      opened = tables.remove(number);
    }
    if (opened != null) {
      close(opened.table);
    }
  }

  /// Closes all. Whoever still reads meets a closed file.
  void close() {
    List<Opened> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(tables.values());
      tables.clear();
    }
    all.forEach(opened -> close(opened.table));
  }

  private static void close(Table table) {
    try {
      table.close();
    } catch (IOException readOnly) {
      // Nothing was written through it.
    }
  }

  /// {@return the newest that a table knows of a user's key as of a sequence number; null for
  /// nothing}
  @Nullable Found get(TableFile file, byte[] seekKey) throws IOException {
    Table table = acquire(file);
    try (TableCursor cursor = table.cursor(true, null)) {
      cursor.seek(seekKey);
      return cursor.valid() && InternalKeys.sameUser(cursor.key(), seekKey)
          ? new Found(cursor.key(), cursor.value())
          : null;
    } finally {
      release(file);
    }
  }

  /// {@return a cursor over tables of which each begins behind the one before; one of them is open
  /// at a time}
  ///
  /// @param keep whether blocks are kept in memory
  SortedCursor cursor(List<TableFile> files, boolean keep) {
    return new TablesCursor(this, files, keep, skipped);
  }
}
