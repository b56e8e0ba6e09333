package dev.tidemark.wal.internal;

import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A storage that lets another thread of its host come first at every call that reads or changes
/// files, as its scheduler has it.
final class TurningStorage extends ForwardingStorage {
  private final SimulatedHost host;

  TurningStorage(Storage storage, SimulatedHost host) {
    super(storage);
    this.host = host;
  }

  @Override
  public StorageFile create(String name) throws IOException {
    host.pass();
    return new TurningFile(super.create(name));
  }

  @Override
  public StorageFile open(String name) throws IOException {
    host.pass();
    return new TurningFile(super.open(name));
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    host.pass();
    return new TurningFile(super.openForRead(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    host.pass();
    super.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    host.pass();
    super.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    host.pass();
    super.syncDirectory();
  }

  private final class TurningFile extends ForwardingFile {
    TurningFile(StorageFile file) {
      super(file);
    }

    @Override
    public int read(long offset, MemorySegment target) throws IOException {
      host.pass();
      return super.read(offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) throws IOException {
      host.pass();
      super.write(offset, source);
    }

    @Override
    public void write(long offset, MemorySegment source, long from, long length)
        throws IOException {
      host.pass();
      super.write(offset, source, from, length);
    }

    @Override
    public void truncate(long bytes) throws IOException {
      host.pass();
      super.truncate(bytes);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
      host.pass();
      super.sync(metadata);
    }
  }
}
