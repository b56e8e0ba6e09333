package dev.tidemark.wal.storage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// A file by its descriptor, out of reach of [Thread#interrupt()].
///
/// The number of a closed descriptor goes to the next file that is opened, so a late write could
/// land in a stranger's file. Therefore calls in progress are counted, and the last one out closes.
/// Reading, writing and syncing allocate nothing as long as they succeed at once.
final class NativeFile implements StorageFile {
  private static final int CLOSED = Integer.MIN_VALUE;

  private final Path path;
  private final String name;
  private final boolean writable;
  private final int fd;

  /// Calls in progress, plus [#CLOSED] once nobody new may enter.
  private final AtomicInteger calls = new AtomicInteger();

  private NativeFile(Path path, String name, boolean writable, int fd) {
    this.path = path;
    this.name = name;
    this.writable = writable;
    this.fd = fd;
  }

  /// Opens a file or a directory.
  ///
  /// @param path where it is
  /// @param flags of open(2)
  /// @return the file
  /// @throws IOException if the system refuses
  static NativeFile open(Path path, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      String raw = path.toAbsolutePath().toUri().getRawPath();
      int fd = Posix.open(Posix.pathBytes(raw, arena), flags);
      if (fd < 0) {
        throw failure(path, "open", -fd);
      }
      String name = String.valueOf(path.getFileName());
      return new NativeFile(path, name, (flags & Posix.O_RDWR) != 0, fd);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() throws IOException {
    enter();
    try {
      long size = Posix.size(fd);
      if (size < 0) {
        throw failure(path, "lseek", (int) -size);
      }
      return size;
    } finally {
      leave();
    }
  }

  @Override
  public int read(long offset, MemorySegment target) throws IOException {
    StorageArguments.read(offset, target);
    enter();
    try {
      long bytes = target.byteSize();
      long done = 0;
      while (done < bytes) {
        long n = Posix.pread(fd, done == 0 ? target : target.asSlice(done), offset + done);
        if (n < 0) {
          throw failure(path, describe("pread", bytes - done, offset + done), (int) -n);
        }
        if (n == 0) {
          break; // the end
        }
        done += n;
      }
      return (int) done;
    } finally {
      leave();
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    write(offset, source, 0, source.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment source, long from, long length) throws IOException {
    StorageArguments.write(name, writable, offset, source, from, length);
    enter();
    try {
      long done = 0;
      while (done < length) {
        long n = Posix.pwrite(fd, source, from + done, length - done, offset + done);
        if (n < 0) {
          throw failure(path, describe("pwrite", length - done, offset + done), (int) -n);
        }
        if (n == 0) { // a device that takes nothing and says nothing would keep us here for ever
          throw new IOException(
              path + ": " + describe("pwrite", length - done, offset + done) + " wrote nothing");
        }
        done += n;
      }
    } finally {
      leave();
    }
  }

  @Override
  public void truncate(long bytes) throws IOException {
    StorageArguments.truncate(name, writable, bytes, size());
    enter();
    try {
      int result = Posix.ftruncate(fd, bytes);
      if (result < 0) {
        throw failure(path, "ftruncate to " + bytes, -result);
      }
    } finally {
      leave();
    }
  }

  @Override
  public void sync(boolean metadata) throws IOException {
    enter();
    try {
      int result = metadata ? Posix.fsync(fd) : Posix.fdatasync(fd);
      if (result < 0) {
        throw failure(path, metadata ? "fsync" : "fdatasync", -result);
      }
    } finally {
      leave();
    }
  }

  @Override
  public boolean forgetCached() throws IOException {
    enter();
    try {
      return Posix.forgetCached(fd);
    } finally {
      leave();
    }
  }

  @Override
  public void close() throws IOException {
    int before = calls.getAndUpdate(n -> n | CLOSED);
    if (before == 0) {
      release();
    }
  }

  private void enter() throws IOException {
    int before;
    do {
      before = calls.get();
      if (before < 0) {
        throw new ClosedChannelException();
      }
    } while (!calls.compareAndSet(before, before + 1));
  }

  /// Nobody enters a closed file, so its count reaches zero once.
  private void leave() throws IOException {
    if (calls.decrementAndGet() == CLOSED) {
      release();
    }
  }

  private void release() throws IOException {
    int result = Posix.close(fd);
    if (result < 0) {
      throw failure(path, "close", -result);
    }
  }

  private static String describe(String call, long bytes, long offset) {
    return call + " of " + bytes + " bytes at " + offset;
  }

  private static IOException failure(Path path, String call, int errno) {
    String reason = call + ": " + Posix.describe(errno);
    return switch (errno) {
      case Posix.ENOENT -> new NoSuchFileException(path.toString(), null, reason);
      case Posix.EEXIST -> new FileAlreadyExistsException(path.toString(), null, reason);
      case Posix.ENOSPC, Posix.EDQUOT -> new StorageFullException(path + ": " + reason);
      default -> new IOException(path + ": " + reason);
    };
  }
}
