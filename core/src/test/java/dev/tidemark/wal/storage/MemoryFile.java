package dev.tidemark.wal.storage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;

/// One open file of a [MemoryStorage].
final class MemoryFile implements StorageFile {
  private final MemoryStorage storage;
  private final String name;
  private final Inode inode;
  private final boolean writable;
  private volatile boolean closed;

  MemoryFile(MemoryStorage storage, String name, Inode inode, boolean writable) {
    this.storage = storage;
    this.name = name;
    this.inode = inode;
    this.writable = writable;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return storage.size(inode);
  }

  @Override
  public int read(long offset, MemorySegment target) throws IOException {
    Arguments.read(offset, target);
    checkOpen();
    byte[] bytes = new byte[(int) target.byteSize()];
    int count = storage.read(inode, offset, bytes);
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, count);
    return count;
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    Arguments.write(name, writable, offset, source);
    checkOpen();
    storage.write(name, inode, offset, source.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    checkOpen();
    storage.sync(name, inode, metadata);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }
}
