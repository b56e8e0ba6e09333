package dev.tidemark.testkit.disk;

import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A storage that tells of each call that changes something, before it is made and after it was, on
/// the thread that makes it. Safe for use by several threads, if who is told is.
public final class WatchedStorage extends ForwardingStorage {
  private final Runnable before;
  private final Runnable after;

  private interface Change {
    void make() throws IOException;
  }

  /// @param storage what does the work
  /// @param after told after each change that succeeded
  public WatchedStorage(Storage storage, Runnable after) {
    this(storage, () -> {}, after);
  }

  /// @param storage what does the work
  /// @param before told before each change
  /// @param after told after each change that succeeded
  public WatchedStorage(Storage storage, Runnable before, Runnable after) {
    super(storage);
    this.before = before;
    this.after = after;
  }

  private void change(Change change) throws IOException {
    before.run();
    change.make();
    after.run();
  }

  @Override
  public StorageFile create(String name) throws IOException {
    before.run();
    StorageFile file = new WatchedFile(super.create(name));
    after.run();
    return file;
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return new WatchedFile(super.open(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change(() -> super.rename(from, to));
  }

  @Override
  public void delete(String name) throws IOException {
    change(() -> super.delete(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    change(super::syncDirectory);
  }

  private final class WatchedFile extends ForwardingFile {

    WatchedFile(StorageFile file) {
      super(file);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      change(() -> super.write(offset, source));
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      change(() -> super.write(offset, source, from, length));
    }

    @Override
    public void truncate(long bytes) throws IOException {
      change(() -> super.truncate(bytes));
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      change(() -> super.sync(metadata));
    }
  }
}
