package dev.tidemark.wal.storage;

import java.lang.foreign.MemorySegment;

/// What the calls of a [Storage] and a [StorageFile] take, the same for every one of them: an
/// implementation checks with these before it does anything. Safe for use by any number of threads;
/// nothing is allocated unless something is refused.
public final class StorageArguments {
  /// The file that [Storage#lock()] leaves. It is nobody else's: closing any descriptor of it would
  /// release the lock of the whole process.
  public static final String LOCK = "lock";

  private StorageArguments() {}

  /// Refuses what is not the name of a file in this directory, or could lead out of it.
  ///
  /// @param name a name
  /// @return the same
  /// @throws IllegalArgumentException if it is none
  public static String fileName(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not a file name: \"" + name + "\"");
    }
    if (name.equals(LOCK)) {
      throw new IllegalArgumentException("\"lock\" belongs to the storage and cannot be used");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '/' || c == '\\' || c == 0) {
        String shown = name.replace('\0', '?');
        throw new IllegalArgumentException(
            "not a file name: \"" + shown + "\" has a separator or a NUL at index " + i);
      }
    }
    return name;
  }

  /// Refuses a read that no file can serve.
  ///
  /// @param offset where to begin, in bytes
  /// @param target where to put them
  /// @throws IllegalArgumentException if the offset is negative or the target is not native memory
  ///   of at most 2 GiB
  public static void read(long offset, MemorySegment target) {
    range(offset, target);
    if (target.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a read of " + target.byteSize() + " bytes; at most 2^31-1");
    }
  }

  /// Refuses a write that no file can serve.
  ///
  /// @param name of the file, for the message
  /// @param writable whether it was opened for writing
  /// @param offset where to begin, in bytes
  /// @param source the bytes
  /// @throws IllegalArgumentException if the offset is negative or the source is not native memory
  /// @throws IllegalStateException if the file was opened for reading
  public static void write(String name, boolean writable, long offset, MemorySegment source) {
    if (!writable) {
      throw new IllegalStateException(name + " was opened for reading and cannot be written");
    }
    range(offset, source);
  }

  /// Refuses a write of a part of `source` that no file can serve.
  ///
  /// @param name of the file, for the message
  /// @param writable whether it was opened for writing
  /// @param offset where to begin in the file, in bytes
  /// @param source the memory
  /// @param from the first byte of it
  /// @param length how many
  /// @throws IllegalArgumentException if the offset is negative or the source is not native memory
  /// @throws IllegalStateException if the file was opened for reading, or the memory is closed or
  ///   another thread's
  /// @throws IndexOutOfBoundsException if the part is not within the source
  public static void write(
      String name, boolean writable, long offset, MemorySegment source, long from, long length) {
    write(name, writable, offset, source);
    if ((from | length) < 0 || length > source.byteSize() - from) {
      throw new IndexOutOfBoundsException(
          length + " bytes from " + from + " of " + source.byteSize());
    }
    if (!source.scope().isAlive() || !source.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalStateException("memory that is closed or another thread's: " + source);
    }
  }

  /// Refuses to cut a file where it cannot be cut.
  ///
  /// @param name of the file, for the message
  /// @param writable whether it was opened for writing
  /// @param bytes the new size
  /// @param size the old one
  /// @throws IllegalArgumentException if the new size is negative or larger than the old one
  /// @throws IllegalStateException if the file was opened for reading
  public static void truncate(String name, boolean writable, long bytes, long size) {
    if (!writable) {
      throw new IllegalStateException(name + " was opened for reading and cannot be cut");
    }
    if (bytes < 0 || bytes > size) {
      throw new IllegalArgumentException(
          name + " has " + size + " bytes and cannot be cut to " + bytes);
    }
  }

  private static void range(long offset, MemorySegment memory) {
    if (offset < 0 || offset > Long.MAX_VALUE - memory.byteSize()) {
      throw new IllegalArgumentException(
          "offset " + offset + " with " + memory.byteSize() + " bytes is outside any file");
    }
    if (!memory.isNative()) {
      throw new IllegalArgumentException("not native memory: " + memory);
    }
  }
}
