package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A table that is being written. For one thread at a time. After an exception its file is worth
/// nothing; no manifest names it, so the next open removes it.
final class NewTable implements AutoCloseable {
  private final long number;
  private final StorageFile file;
  private final TableWriter writer;

  /// @param number of the file, which must not be there
  NewTable(Storage storage, LevelDbOptions options, long number) throws IOException {
    this.number = number;
    file = storage.create(FileName.table(number));
    writer = new TableWriter(file, options.compression(), options.blockBytes());
  }

  /// Puts a memory table into a file.
  ///
  /// @param number of the file, which must not be there
  /// @return the table, synced, but not its name
  static TableFile of(Storage storage, LevelDbOptions options, long number, MemTable table)
      throws IOException {
    try (NewTable fresh = new NewTable(storage, options, number);
        SortedCursor keys = table.cursor()) {
      byte @Nullable [] last = null;
      for (keys.first(); keys.valid(); keys.next()) {
        // A log that holds a number twice makes two keys that are equal; the one that came later is
        // first.
        if (last == null || InternalKeys.compare(last, keys.key()) < 0) {
          fresh.add(keys.key(), keys.value());
        }
        last = keys.key();
      }
      return fresh.finish();
    }
  }

  void add(byte[] key, byte[] value) throws IOException {
    writer.add(key, value);
  }

  /// {@return about how many bytes it has}
  long size() {
    return writer.size();
  }

  /// {@return the table, synced, but not its name}
  TableFile finish() throws IOException {
    writer.finish();
    file.sync(false);
    return new TableFile(number, writer.size(), writer.smallest(), writer.largest());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
