package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Files in memory that are read and nothing else: to try to change them is an error of the test's
/// subject. Cheap to make, as it is made for each of millions of inputs. For one thread.
final class HeldFiles implements Storage {
  private final NavigableMap<String, byte[]> files;

  /// @param files by name; used, and the arrays not changed
  HeldFiles(Map<String, byte[]> files) {
    this.files = new TreeMap<>(files);
  }

  /// {@return a file that may be read at any time}
  static StorageFile file(String name, byte[] bytes) {
    return new Held(name, bytes);
  }

  @Override
  public String description() {
    return "held";
  }

  @Override
  public void lock() {
    // There is nobody else.
  }

  @Override
  public List<String> list() {
    return new ArrayList<>(files.keySet());
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new NoSuchFileException(name);
    }
    return new Held(name, bytes);
  }

  @Override
  public StorageFile create(String name) {
    throw new AssertionError("created " + name);
  }

  @Override
  public StorageFile open(String name) {
    throw new AssertionError("opened for writing " + name);
  }

  @Override
  public void rename(String from, String to) {
    throw new AssertionError("renamed " + from);
  }

  @Override
  public void delete(String name) {
    throw new AssertionError("deleted " + name);
  }

  @Override
  public void syncDirectory() {
    throw new AssertionError("synced the directory");
  }

  @Override
  public long usableBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean uninterruptible() {
    return true;
  }

  @Override
  public void close() {
    // Nothing is held.
  }

  private record Held(String name, @SuppressWarnings("ArrayRecordComponent") byte[] bytes)
      implements StorageFile {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long offset, MemorySegment target) {
      if (offset < 0) {
        throw new AssertionError("read at " + offset);
      }
      int count = (int) Math.clamp(bytes.length - offset, 0, target.byteSize());
      if (count > 0) {
        MemorySegment.copy(bytes, (int) offset, target, ValueLayout.JAVA_BYTE, 0, count);
      }
      return count;
    }

    @Override
    public void write(long offset, MemorySegment source) {
      throw new AssertionError("wrote to " + name);
    }

    @Override
    public void truncate(long size) {
      throw new AssertionError("cut " + name);
    }

    @Override
    public void sync(boolean metadata) {
      throw new AssertionError("synced " + name);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
