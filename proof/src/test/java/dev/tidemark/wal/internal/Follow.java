package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Readers for tests. What they read cannot be changed through them.
public final class Follow {
  private Follow() {}

  public static WalReader open(Storage storage) throws IOException {
    return open(new ReadOnlyStorage(storage));
  }

  static WalReader open(ReadOnlyStorage storage) throws IOException {
    return Wal.openReadOnly(storage, Host.system(), ReaderOptions.defaults());
  }

  /// What a cursor delivers now, each as `LSN:text`, with a `?` behind it if it is not proven.
  public static List<String> rest(Cursor cursor) throws IOException {
    List<String> records = new ArrayList<>();
    while (cursor.next()) {
      records.add(
          cursor.lsn() + ":" + new String(cursor.bytes(), UTF_8) + (cursor.isProven() ? "" : "?"));
    }
    return records;
  }

  /// What a cursor delivers before it throws what is expected of it.
  public static List<String> restUntil(Cursor cursor, Class<? extends IOException> expected)
      throws IOException {
    List<String> records = new ArrayList<>();
    try {
      while (cursor.next()) {
        records.add(cursor.lsn() + ":" + new String(cursor.bytes(), UTF_8));
      }
    } catch (IOException e) {
      if (expected.isInstance(e)) {
        return records;
      }
      throw e;
    }
    throw new AssertionError("no " + expected.getSimpleName() + " behind " + records);
  }

  /// What a reader delivers now, from an LSN on.
  public static List<String> read(WalReader reader, long from) throws IOException {
    try (Cursor cursor = reader.read(from)) {
      return rest(cursor);
    }
  }

  /// What a new reader delivers now, from the first LSN on.
  public static List<String> read(Storage storage) throws IOException {
    try (WalReader reader = open(storage)) {
      return read(reader, reader.firstLsn());
    }
  }

  /// What a new reader delivers now, unproven records and all.
  public static List<String> readUnproven(Storage storage) throws IOException {
    try (WalReader reader = open(storage);
        Cursor cursor = reader.readUnproven(reader.firstLsn())) {
      return rest(cursor);
    }
  }
}
