package dev.tidemark.leveldb;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A walk over tables of which each begins behind the one before. For one thread at a time.
final class TablesCursor implements SortedCursor {
  private final TableCache cache;
  private final List<TableFile> files;
  private final boolean keep;
  private final @Nullable Consumer<String> skipped;

  // All owned by the caller's thread.
  private int at;
  private TableCache.@Nullable Opened open;
  private @Nullable TableCursor cursor;

  TablesCursor(
      TableCache cache, List<TableFile> files, boolean keep, @Nullable Consumer<String> skipped) {
    this.cache = cache;
    this.files = files;
    this.keep = keep;
    this.skipped = skipped;
  }

  @Override
  public boolean valid() {
    return cursor != null && cursor.valid();
  }

  @Override
  public void first() throws IOException {
    begin(0, TableCursor::first);
  }

  @Override
  public void seek(byte[] key) throws IOException {
    begin(Version.search(files, key), found -> found.seek(key));
  }

  private void begin(int index, Step step) throws IOException {
    open(index);
    if (cursor != null) {
      step.go(cursor);
    }
    passEnds();
  }

  @Override
  public void next() throws IOException {
    standing().next();
    passEnds();
  }

  private void passEnds() throws IOException {
    while (at < files.size() && !valid()) {
      open(at + 1);
      if (cursor != null) {
        cursor.first();
      }
    }
  }

  /// Leaves no cursor behind the last table, and for one that cannot be read but may be passed
  /// over.
  private void open(int index) throws IOException {
    close();
    at = index;
    if (index >= files.size()) {
      return;
    }
    TableFile file = files.get(index);
    try {
      open = cache.acquire(file);
      cursor = open.table().cursor(keep, skipped);
    } catch (CorruptLevelDbException e) {
      if (skipped == null) {
        throw e;
      }
      skipped.accept(String.valueOf(e.getMessage()));
    }
  }

  private TableCursor standing() {
    TableCursor here = cursor;
    if (here == null) {
      throw new IllegalStateException("the cursor stands at no key");
    }
    return here;
  }

  @Override
  public byte[] key() {
    return standing().key();
  }

  @Override
  public byte[] value() {
    return standing().value();
  }

  @Override
  public void close() {
    TableCache.Opened held = open;
    open = null;
    cursor = null;
    if (held != null) {
      cache.release(held);
    }
  }

  private interface Step {
    void go(TableCursor cursor) throws IOException;
  }
}
