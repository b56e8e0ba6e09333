package dev.tidemark.wal.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A file that passes every call on to another: to be extended by one that differs in a few.
///
/// Each method calls its namesake on the other file and nothing else. There are two ways to write:
/// whoever overrides one of them overrides both. As safe for use by several threads as the other
/// file.
public abstract class ForwardingFile implements StorageFile {
  private final StorageFile inner;

  /// @param inner what does the work; closed with this
  protected ForwardingFile(StorageFile inner) {
    this.inner = inner;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public long size() throws IOException {
    return inner.size();
  }

  @Override
  public int read(long offset, MemorySegment target) throws IOException {
    return inner.read(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    inner.write(offset, source);
  }

  @Override
  public void write(long offset, MemorySegment source, long from, long length) throws IOException {
    inner.write(offset, source, from, length);
  }

  @Override
  public void truncate(long bytes) throws IOException {
    inner.truncate(bytes);
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    inner.sync(metadata);
  }

  @Override
  public boolean forgetCached() throws IOException {
    return inner.forgetCached();
  }

  @Override
  public void close() throws IOException {
    inner.close();
  }
}
