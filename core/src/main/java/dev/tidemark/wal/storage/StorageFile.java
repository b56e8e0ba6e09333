package dev.tidemark.wal.storage;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// One open file. Safe for use by any number of threads; overlapping writes of the same bytes are
/// the caller's mistake.
public interface StorageFile extends Closeable {

  /// {@return the name it was opened under}
  String name();

  /// {@return its size now, in bytes}
  ///
  /// @throws IOException if the storage fails
  long size() throws IOException;

  /// Reads until `target` is full or the file ends.
  ///
  /// @param offset where to begin, in bytes; may be behind the end
  /// @param target where to put them, native memory; the caller's again on return
  /// @return how many bytes were read, less than asked only at the end of the file
  /// @throws IOException if the storage fails; the end of the file is not a failure
  int read(long offset, MemorySegment target) throws IOException;

  /// Writes all of `source`, growing the file if need be.
  ///
  /// Durable after the next [#sync] that is *called* after this returned, and not before.
  ///
  /// @param offset where to begin, in bytes
  /// @param source the bytes, native memory; the caller's again on return
  /// @throws IOException if the storage fails; any part of the bytes may then have been written
  void write(long offset, MemorySegment source) throws IOException;

  /// Writes a part of `source`, as [#write(long, MemorySegment)] does.
  ///
  /// For callers that must not allocate a slice: with `from` 0, which is all the log needs, a
  /// storage may do without one.
  ///
  /// @param offset where to begin in the file, in bytes
  /// @param source native memory; the caller's again on return
  /// @param from the first byte of it
  /// @param length how many
  /// @throws IOException if the storage fails; any part of the bytes may then have been written
  default void write(long offset, MemorySegment source, long from, long length) throws IOException {
    write(offset, source.asSlice(from, length));
  }

  /// Cuts the file: what is behind `bytes` is given back. Durable after the next [#sync] with
  /// metadata that is *called* after this returned.
  ///
  /// @param bytes the new size, no larger than the old one
  /// @throws IOException if the storage fails; the size is then the old or the new one
  void truncate(long bytes) throws IOException;

  /// Makes durable what was written before this call. After a failure it is unknown what is, and a
  /// second call proves nothing.
  ///
  /// @param metadata true for `fsync`, false for `fdatasync` (which keeps the size, not the times)
  /// @throws IOException if the storage fails
  void sync(boolean metadata) throws IOException;

  /// Asks the system to forget what it holds of this file in memory, so that what is read next
  /// comes from the disk. Bytes that are not synced stay.
  ///
  /// @return whether it was asked; false where that cannot be done
  /// @throws IOException if the storage fails
  default boolean forgetCached() throws IOException {
    return false;
  }

  /// Closes the file without making anything durable. Idempotent. Must not overlap with other
  /// calls.
  ///
  /// @throws IOException if the storage fails
  @Override
  void close() throws IOException;
}
