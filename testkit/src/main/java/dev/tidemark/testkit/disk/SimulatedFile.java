package dev.tidemark.testkit.disk;

import dev.tidemark.wal.storage.StorageArguments;
import dev.tidemark.wal.storage.StorageFile;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One open file of a [SimulatedDisk]. Its bytes are guarded by the storage.
final class SimulatedFile implements StorageFile {
  private final SimulatedDisk storage;
  private final String name;
  private final Inode inode;
  private final boolean writable;

  /// Written by whoever closes it, or is interrupted in it.
  private volatile boolean closed;

  SimulatedFile(SimulatedDisk storage, String name, Inode inode, boolean writable) {
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
    synchronized (storage) {
      storage.faults().meet(Faults.Operation.SIZE);
      return inode.size();
    }
  }

  @Override
  public int read(long offset, MemorySegment target) throws IOException {
    StorageArguments.read(offset, target);
    if (!target.scope().isAlive()) { // also where nothing is read
      throw new IllegalStateException("memory that is closed: " + target);
    }
    checkOpen();
    synchronized (storage) {
      storage.faults().meet(Faults.Operation.READ);
      return inode.read(offset, target);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    StorageArguments.write(name, writable, offset, source);
    checkOpen();
    storage.faults().delay(Faults.Operation.WRITE);
    byte[] bytes = source.toArray(ValueLayout.JAVA_BYTE);
    String operation = "write " + name + " " + offset + "+" + bytes.length;
    synchronized (storage) {
      Faults.Torn torn = storage.faults().meetWrite();
      if (torn != null) {
        writePart(operation, offset, bytes, torn.keptBytes());
        throw torn.error();
      }
      long growth = Math.max(0, offset + bytes.length - inode.size());
      long free = storage.freeBytes();
      if (growth > free) {
        writePart(operation, offset, bytes, bytes.length - (growth - free));
        throw new StorageFullException(name + ": " + operation + ": no space left");
      }
      storage.wroteDown(operation);
      if (bytes.length > 0) {
        storage.faults().flip(bytes);
        put(offset, bytes, storage.faults().astray());
      }
    }
  }

  private void put(long offset, byte[] bytes, Faults.@Nullable Astray astray) {
    if (astray != null) {
      Inode other = astray.name() == null ? inode : storage.anyInode(astray.name());
      other.write(storage.nextSequence(), Math.max(0, offset + astray.shift()), bytes);
    }
    if (astray == null || !astray.instead()) {
      inode.write(storage.nextSequence(), offset, bytes);
    }
  }

  private void writePart(String operation, long offset, byte[] bytes, long kept) {
    storage.wroteDown(operation + " failed");
    int part = (int) Math.min(kept, bytes.length);
    if (part > 0) {
      inode.write(storage.nextSequence(), offset, Arrays.copyOf(bytes, part));
    }
  }

  @Override
  public void truncate(long bytes) throws IOException {
    checkOpen();
    synchronized (storage) {
      StorageArguments.truncate(name, writable, bytes, inode.size());
      storage.met(Faults.Operation.TRUNCATE, "truncate " + name + " " + bytes);
      inode.cut(storage.nextSequence(), bytes);
    }
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    checkOpen();
    long covered;
    synchronized (storage) {
      covered = inode.lastSequence();
    }
    storage.faults().delay(Faults.Operation.SYNC);
    synchronized (storage) {
      long sequence = covered;
      storage.holdSync();
      try {
        storage.met(Faults.Operation.SYNC, "sync " + name + (metadata ? " metadata" : ""));
      } catch (IOException e) {
        Faults faults = storage.faults();
        inode.syncFailed(faults.afterFailedSync(), sequence, faults.readsUntilEvicted());
        throw e;
      }
      inode.sync(sequence);
    }
  }

  @Override
  public boolean forgetCached() throws IOException {
    checkOpen();
    synchronized (storage) {
      storage.faults().meet(Faults.Operation.FORGET_CACHED);
      return storage.cacheCanBeForgotten() && inode.forgetCached();
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (storage) { // two may close it
      if (!closed) {
        closed = true;
        storage.fileClosed();
        storage.faults().meet(Faults.Operation.CLOSE);
      }
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!storage.uninterruptible() && Thread.currentThread().isInterrupted()) {
      close();
      throw new ClosedByInterruptException();
    }
  }
}
