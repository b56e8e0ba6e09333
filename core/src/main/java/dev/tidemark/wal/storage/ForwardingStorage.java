package dev.tidemark.wal.storage;

import java.io.IOException;
import java.util.List;

/// A storage that passes every call on to another: to be extended by one that differs in a few.
///
/// Each method calls its namesake on the other storage and nothing else, so one that is overridden
/// changes no other. Files are passed on as they are; wrap them in a [ForwardingFile] where they
/// are to differ. As safe for use by several threads as the other storage.
public abstract class ForwardingStorage implements Storage {
  private final Storage inner;

  /// @param inner what does the work; closed with this
  protected ForwardingStorage(Storage inner) {
    this.inner = inner;
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public void lock() throws IOException {
    inner.lock();
  }

  @Override
  public List<String> list() throws IOException {
    return inner.list();
  }

  @Override
  public StorageFile create(String name) throws IOException {
    return inner.create(name);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return inner.open(name);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    return inner.openForRead(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    inner.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    inner.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    inner.syncDirectory();
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
  public void close() throws IOException {
    inner.close();
  }
}
