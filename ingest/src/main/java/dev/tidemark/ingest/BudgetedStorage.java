package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A storage whose disk looks as large as the budget of all logs allows. To a log, a budget that is
/// used up is a full disk: it refuses before anything is assigned, keeps its reserve, and goes on
/// when truncation has made room.
///
/// What is written while the log is being opened is not held to the budget: a log that has more
/// than it may, because the budget was lowered, must open to be flushed.
final class BudgetedStorage implements Storage {
  // Anything else is small, and may have to be written so that there is room again.
  private static final String SEGMENT = ".wal";

  private final Storage real;
  private final DiskUse use;

  // Set by the thread that opens the log, or opens it again.
  private volatile boolean isOpen;

  BudgetedStorage(Storage real, DiskUse use) {
    this.real = real;
    this.use = use;
  }

  /// Says that the log, which has failed, is about to be opened again.
  void opening() {
    isOpen = false;
  }

  /// Says that the log is open: from now on its files grow within the budget.
  void opened() {
    isOpen = true;
  }

  @Override
  public long usableBytes() throws IOException {
    return Math.max(0, Math.min(real.usableBytes(), use.leftBytes()));
  }

  @Override
  public StorageFile create(String name) throws IOException {
    StorageFile file = real.create(name);
    return name.contains(SEGMENT) ? new NewFile(file) : file;
  }

  private void admit(StorageFile file, long bytes) throws IOException {
    if (isOpen && bytes > use.leftBytes()) {
      throw new StorageFullException(
          real.description()
              + ": "
              + file.name()
              + " would exceed the disk budget of "
              + use.limitBytes()
              + " bytes");
    }
  }

  @Override
  public String description() {
    return real.description();
  }

  @Override
  public void lock() throws IOException {
    real.lock();
  }

  @Override
  public List<String> list() throws IOException {
    return real.list();
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return real.open(name);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    return real.openForRead(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    real.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    real.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    real.syncDirectory();
  }

  @Override
  public boolean uninterruptible() {
    return real.uninterruptible();
  }

  @Override
  public void close() throws IOException {
    real.close();
  }

  /// A file that grows from nothing.
  private final class NewFile implements StorageFile {
    private final StorageFile file;

    // Written by whoever writes the file, one at a time while it grows.
    private volatile long endBytes;

    NewFile(StorageFile file) {
      this.file = file;
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      grow(offset + source.byteSize());
      file.write(offset, source);
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      grow(offset + length);
      file.write(offset, source, from, length);
    }

    private void grow(long end) throws IOException {
      if (end > endBytes) {
        admit(file, end - endBytes);
        endBytes = end;
      }
    }

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
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
      endBytes = Math.min(endBytes, bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      file.sync(metadata);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
