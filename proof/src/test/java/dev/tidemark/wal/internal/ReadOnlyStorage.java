package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A storage on which every call that would lock or change anything is an error of the test's
/// subject, as on a read-only mount, and whose reads a test may get in the way of.
class ReadOnlyStorage implements Storage {
  private final Storage inner;

  ReadOnlyStorage(Storage inner) {
    this.inner = inner;
  }

  /// Called before each read of a file.
  void beforeRead(String name, long offset) throws IOException {}

  /// Called after each read of a file, with what was read.
  void afterRead(String name, long offset, MemorySegment bytes) throws IOException {}

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public void lock() {
    throw new AssertionError("locked");
  }

  @Override
  public List<String> list() throws IOException {
    return inner.list();
  }

  @Override
  public StorageFile create(String name) {
    throw new AssertionError("created " + name);
  }

  @Override
  public StorageFile open(String name) {
    throw new AssertionError("opened for writing " + name);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    StorageFile file = inner.openForRead(name);
    return new StorageFile() {
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
        beforeRead(name, offset);
        int bytes = file.read(offset, target);
        afterRead(name, offset, target.asSlice(0, bytes));
        return bytes;
      }

      @Override
      public void write(long offset, MemorySegment source) {
        throw new AssertionError("wrote to " + name);
      }

      @Override
      public void truncate(long bytes) {
        throw new AssertionError("cut " + name);
      }

      @Override
      public void sync(boolean metadata) {
        throw new AssertionError("synced " + name);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  @Override
  public void rename(String from, String to) {
    throw new AssertionError("renamed " + from);
  }

  @Override
  public void delete(String name) {
    throw new AssertionError("deleted " + name);
  }

  @Override
  public void syncDirectory() {
    throw new AssertionError("synced the directory");
  }

  @Override
  public long usableBytes() throws IOException {
    return inner.usableBytes();
  }

  @Override
  public boolean uninterruptible() {
    return inner.uninterruptible();
  }

  @Override
  public void close() {
    // The test's own, and its locks are others'.
  }
}
