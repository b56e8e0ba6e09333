package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A storage whose syncs of files can be held up on all threads but the one that prepares segments,
/// so that a test can make others wait while spares go on being made.
final class HookedStorage implements Storage {
  private final Storage inner;
  private final AtomicInteger held = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  HookedStorage(Storage inner) {
    this.inner = inner;
  }

  /// Holds syncs until [#open()].
  void hold() {
    gate = new CountDownLatch(1);
  }

  void open() {
    gate.countDown();
  }

  /// Waits until a sync is held.
  void awaitHeld() {
    while (held.get() == 0) {
      Thread.onSpinWait();
    }
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
    return new HookedFile(inner.create(name));
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return new HookedFile(inner.open(name));
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

  private final class HookedFile implements StorageFile {
    private final StorageFile file;

    HookedFile(StorageFile file) {
      this.file = file;
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
    public void write(long offset, MemorySegment source) throws IOException {
      file.write(offset, source);
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      boolean free = Thread.currentThread().getName().equals("tidemark-segments");
      held.addAndGet(free ? 0 : 1);
      while (!free && gate.getCount() > 0) {
        LockSupport.parkNanos(100_000);
      }
      held.addAndGet(free ? 0 : -1);
      file.sync(metadata);
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
