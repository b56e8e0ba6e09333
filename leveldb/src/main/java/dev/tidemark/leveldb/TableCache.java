package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The tables that are open: those in use, and as many of the others as were used last and are
/// allowed. No file is closed while somebody reads it: what is to go while it is in use is closed
/// by its last user. Safe for use by any number of threads.
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

  /// A table that is open, for those who use it.
  static final class Opened {
    private final Table table;

    // Guarded by the cache.
    private int users;
    private boolean dropped;

    private Opened(Table table) {
      this.table = table;
    }

    Table table() {
      return table;
    }
  }

  /// Opens a table, or finds it open.
  ///
  /// @return the table, which stays open until [#release]
  /// @throws IllegalStateException if the cache is closed
  synchronized Opened acquire(TableFile file) throws IOException {
    if (closed) {
      throw new IllegalStateException(storage.description() + " is closed");
    }
    Opened opened = tables.get(file.number());
    if (opened == null || opened.table.isCutOff()) {
      Opened fresh = new Opened(open(file));
      drop(tables.put(file.number(), fresh));
      opened = fresh;
    }
    opened.users++;
    return opened;
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

  /// Gives a table back that [#acquire] gave; once.
  synchronized void release(Opened opened) {
    opened.users--;
    if (opened.dropped) {
      closeUnused(opened);
    }
    Iterator<Opened> oldest = tables.values().iterator();
    while (tables.size() > mostTables && oldest.hasNext()) {
      Opened candidate = oldest.next();
      if (candidate.users == 0) {
        oldest.remove();
        drop(candidate);
      }
    }
  }

  /// Closes a table that nobody will ask for again.
  synchronized void forget(long number) {
    drop(tables.remove(number));
  }

  /// Closes all but those in use, which their users close; nobody gets one any more.
  synchronized void close() {
    closed = true;
    tables.values().forEach(this::drop);
    tables.clear();
  }

  private void drop(@Nullable Opened opened) {
    if (opened != null) {
      opened.dropped = true;
      closeUnused(opened);
    }
  }

  private static void closeUnused(Opened opened) {
    if (opened.users == 0) {
      close(opened.table);
    }
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
    Opened opened = acquire(file);
    try (TableCursor cursor = opened.table.cursor(true, null)) {
      cursor.find(seekKey);
      if (!cursor.valid()) {
        return null;
      }
      byte[] key = cursor.key();
      if (!InternalKeys.isKnown(key)) { // whosever it is, as LevelDB has it
        throw opened.table.unknownType(key);
      }
      return InternalKeys.sameUser(key, seekKey) ? new Found(key, cursor.value()) : null;
    } finally {
      release(opened);
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
