package dev.tidemark.wal.internal;

import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Interrupts the thread that made this at the n-th moment at which a call of its can be
/// interrupted: before it begins, at each wait, and at each call of the storage. For one thread;
/// what others wait for and call is passed on and not counted.
final class Interrupting {
  private final Thread caller = Thread.currentThread();
  private long at = Long.MAX_VALUE;
  private long met;

  /// Interrupts at the n-th moment from now on, from 0; at none if n is negative.
  void arm(long n) {
    at = n;
    met = 0;
  }

  /// Interrupts no more.
  ///
  /// @return whether there were so many moments
  boolean disarm() {
    boolean done = at >= 0 && met > at;
    at = Long.MAX_VALUE;
    return done;
  }

  /// A moment.
  void moment() {
    if (Thread.currentThread().equals(caller) && met++ == at) {
      caller.interrupt();
    }
  }

  Host over(Host host) {
    return new InterruptingHost(host);
  }

  Storage over(Storage storage) {
    return new InterruptingStorage(storage);
  }

  private final class InterruptingHost extends ForwardingHost {

    InterruptingHost(Host host) {
      super(host);
    }

    @Override
    public void park(Object blocker, long nanos) {
      moment();
      super.park(blocker, nanos);
    }

    @Override
    public boolean join(Thread thread, long nanos) throws InterruptedException {
      moment();
      return super.join(thread, nanos);
    }
  }

  private final class InterruptingStorage extends ForwardingStorage {
    InterruptingStorage(Storage storage) {
      super(storage);
    }

    @Override
    public List<String> list() throws IOException {
      moment();
      return super.list();
    }

    @Override
    public StorageFile create(String name) throws IOException {
      moment();
      return new InterruptingFile(super.create(name));
    }

    @Override
    public StorageFile open(String name) throws IOException {
      moment();
      return new InterruptingFile(super.open(name));
    }

    @Override
    public StorageFile openForRead(String name) throws IOException {
      moment();
      return new InterruptingFile(super.openForRead(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
      moment();
      super.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
      moment();
      super.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
      moment();
      super.syncDirectory();
    }
  }

  private final class InterruptingFile extends ForwardingFile {
    InterruptingFile(StorageFile file) {
      super(file);
    }

    @Override
    public int read(long offset, MemorySegment target) throws IOException {
      moment();
      return super.read(offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      moment();
      super.write(offset, source);
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      moment();
      super.write(offset, source, from, length);
    }

    @Override
    public void truncate(long bytes) throws IOException {
      moment();
      super.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      moment();
      super.sync(metadata);
    }

    @Override
    public void close() throws IOException {
      moment();
      super.close();
    }
  }
}
