package dev.tidemark.testkit.disk;

import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A storage that tells of each call that changed something, after it was done and before its
/// caller goes on. Safe for use by several threads, if who is told is.
public final class WatchedStorage extends ForwardingStorage {
  private final Runnable changed;

  /// @param storage what does the work
  /// @param changed told after each change, on the thread that made it
  public WatchedStorage(Storage storage, Runnable changed) {
    super(storage);
    this.changed = changed;
  }

  @Override
  public StorageFile create(String name) throws IOException {
    StorageFile file = new WatchedFile(super.create(name), changed);
    changed.run();
    return file;
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return new WatchedFile(super.open(name), changed);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    super.rename(from, to);
    changed.run();
  }

  @Override
  public void delete(String name) throws IOException {
    super.delete(name);
    changed.run();
  }

  @Override
  public void syncDirectory() throws IOException {
    super.syncDirectory();
    changed.run();
  }

  private static final class WatchedFile extends ForwardingFile {
    private final Runnable changed;

    WatchedFile(StorageFile file, Runnable changed) {
      super(file);
      this.changed = changed;
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      super.write(offset, source);
      changed.run();
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      super.write(offset, source, from, length);
      changed.run();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      super.truncate(bytes);
      changed.run();
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      super.sync(metadata);
      changed.run();
    }
  }
}
