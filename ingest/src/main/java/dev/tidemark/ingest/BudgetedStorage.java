package dev.tidemark.ingest;

import dev.tidemark.ingest.budget.DiskUse;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A storage whose disk looks as large as the budget of all logs allows. To a log, a budget that is
/// used up is a full disk: it refuses before anything is assigned, keeps its reserve, and goes on
/// when truncation has made room.
///
/// What is written while the log is being opened is not held to the budget: a log that has more
/// than it may, because the budget was lowered, must open to be flushed.
final class BudgetedStorage extends ForwardingStorage {
  // Anything else is small, and may have to be written so that there is room again.
  private static final String SEGMENT = ".wal";

  private final DiskUse use;

  // Set by the thread that opens the log, or opens it again.
  private volatile boolean isOpen;

  BudgetedStorage(Storage real, DiskUse use) {
    super(real);
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
    return Math.max(0, Math.min(super.usableBytes(), use.leftBytes()));
  }

  @Override
  public StorageFile create(String name) throws IOException {
    StorageFile file = super.create(name);
    return name.contains(SEGMENT) ? new NewFile(file) : file;
  }

  private void admit(String file, long bytes) throws IOException {
    if (isOpen && bytes > use.leftBytes()) {
      throw new StorageFullException(
          description()
              + ": "
              + file
              + " would exceed the disk budget of "
              + use.limitBytes()
              + " bytes");
    }
  }

  /// A file that grows from nothing.
  private final class NewFile extends ForwardingFile {
    // Written by whoever writes the file, one at a time while it grows.
    private volatile long endBytes;

    NewFile(StorageFile file) {
      super(file);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      grow(offset + source.byteSize());
      super.write(offset, source);
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      grow(offset + length);
      super.write(offset, source, from, length);
    }

    private void grow(long end) throws IOException {
      if (end > endBytes) {
        admit(name(), end - endBytes);
        endBytes = end;
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      super.truncate(bytes);
      endBytes = Math.min(endBytes, bytes);
    }
  }
}
