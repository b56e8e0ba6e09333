package dev.tidemark.wal.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A storage that tells of each call that changed something, after it was done and before its
/// caller goes on. Safe for use by several threads, if who is told is.
public final class WatchedStorage implements Storage {
  private final Storage storage;
  private final Runnable changed;

  /// @param storage what does the work
  /// @param changed told after each change, on the thread that made it
  public WatchedStorage(Storage storage, Runnable changed) {
    this.storage = storage;
    this.changed = changed;
  }

  @Override
  public String description() {
    return storage.description();
  }

  @Override
  public void lock() throws IOException {
    storage.lock();
  }

  @Override
  public List<String> list() throws IOException {
    return storage.list();
  }

  @Override
  public StorageFile create(String name) throws IOException {
    StorageFile file = new WatchedFile(storage.create(name), changed);
    changed.run();
    return file;
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return new WatchedFile(storage.open(name), changed);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    return storage.openForRead(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    storage.rename(from, to);
    changed.run();
  }

  @Override
  public void delete(String name) throws IOException {
    storage.delete(name);
    changed.run();
  }

  @Override
  public void syncDirectory() throws IOException {
    storage.syncDirectory();
    changed.run();
  }

  @Override
  public long usableBytes() throws IOException {
    return storage.usableBytes();
  }

  @Override
  public boolean uninterruptible() {
    return storage.uninterruptible();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }

  private record WatchedFile(StorageFile file, Runnable changed) implements StorageFile {
    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int read(long offset, MemorySegment target) throws IOException {
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      file.write(offset, source);
      changed.run();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
      changed.run();
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      file.sync(metadata);
      changed.run();
    }

    @Override
    public boolean forgetCached() throws IOException {
      return file.forgetCached();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
