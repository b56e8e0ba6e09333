package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

/// A storage as the process sees it that writes a log: each write reaches the files in pieces,
/// others may look after each of them, and the process may be killed there. From then on nothing it
/// does has an effect.
///
/// One call at a time, and whoever looks keeps all others waiting.
final class SteppedStorage implements Storage {
  private final Storage inner;
  private final Random random; // guarded by this
  private final Runnable look;
  private int stepsLeft = Integer.MAX_VALUE; // guarded by this
  private boolean killed; // guarded by this

  /// @param look called after each step, on the thread that made it
  SteppedStorage(Storage inner, long seed, Runnable look) {
    this.inner = inner;
    random = new Random(seed);
    this.look = look;
  }

  /// Kills the process after so many more steps.
  synchronized void killAfter(int steps) {
    stepsLeft = steps;
  }

  /// Kills the process.
  synchronized void kill() {
    killed = true;
  }

  synchronized boolean isKilled() {
    return killed;
  }

  private void checkAlive() throws IOException {
    if (killed) {
      throw new IOException("killed");
    }
  }

  // Under the lock.
  private void step() throws IOException {
    look.run();
    killed |= --stepsLeft <= 0;
    checkAlive();
  }

  private interface Change {
    void make() throws IOException;
  }

  private synchronized void change(Change change) throws IOException {
    checkAlive();
    change.make();
    step();
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public synchronized void lock() throws IOException {
    checkAlive();
    inner.lock();
  }

  @Override
  public synchronized List<String> list() throws IOException {
    checkAlive();
    return inner.list();
  }

  @Override
  public synchronized StorageFile create(String name) throws IOException {
    checkAlive();
    StorageFile file = new SteppedFile(inner.create(name));
    step();
    return file;
  }

  @Override
  public synchronized StorageFile open(String name) throws IOException {
    checkAlive();
    return new SteppedFile(inner.open(name));
  }

  @Override
  public synchronized StorageFile openForRead(String name) throws IOException {
    checkAlive();
    return inner.openForRead(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    change(() -> inner.rename(from, to));
  }

  @Override
  public void delete(String name) throws IOException {
    change(() -> inner.delete(name));
  }

  @Override
  public void syncDirectory() throws IOException {
    change(inner::syncDirectory);
  }

  @Override
  public synchronized long usableBytes() throws IOException {
    checkAlive();
    return inner.usableBytes();
  }

  @Override
  public boolean uninterruptible() {
    return inner.uninterruptible();
  }

  /// The lock goes with the process.
  @Override
  public synchronized void close() throws IOException {
    if (!killed) {
      inner.close();
    }
  }

  private final class SteppedFile implements StorageFile {
    private final StorageFile file;

    SteppedFile(StorageFile file) {
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
      synchronized (SteppedStorage.this) {
        checkAlive();
        long bytes = source.byteSize();
        for (long at = 0; at < bytes; ) {
          long left = bytes - at;
          long piece = random.nextInt(3) == 0 ? left : 1 + random.nextLong(left);
          file.write(offset + at, source.asSlice(at, piece));
          at += piece;
          step();
        }
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      change(() -> file.truncate(bytes));
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      change(() -> file.sync(metadata));
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
