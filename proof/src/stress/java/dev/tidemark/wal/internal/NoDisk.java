package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.StorageFile;
import java.lang.foreign.MemorySegment;

/// A file that takes everything and keeps nothing.
final class NoDisk implements StorageFile {
  @Override
  public String name() {
    return "none";
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public int read(long offset, MemorySegment target) {
    return -1;
  }

  @Override
  public void write(long offset, MemorySegment source) {}

  @Override
  public void truncate(long bytes) {}

  @Override
  public void sync(boolean metadata) {}

  @Override
  public void close() {}
}
