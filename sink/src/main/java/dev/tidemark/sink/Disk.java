package dev.tidemark.sink;

import java.io.Closeable;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/// Every change a [LocalSink] makes to a disk, so that a test can watch and break each of them.
///
/// Calls are made by many threads at once, but never by two for the same file.
interface Disk {

  /// Makes one directory. Not durable before its parent is synced.
  ///
  /// @param directory what to make; its parent exists
  /// @throws FileAlreadyExistsException if something of that name is there
  /// @throws IOException if it cannot be made
  void createDirectory(Path directory) throws IOException;

  /// Makes an empty file, or empties the one that is there.
  ///
  /// @param file what to make; its parent exists
  /// @return the file, to be written from its start and closed by the caller
  /// @throws IOException if it cannot be made
  Output create(Path file) throws IOException;

  /// Gives a file its final name in one step.
  ///
  /// @param from its name now
  /// @param to its name from now on, in the same directory
  /// @throws IOException if it cannot be renamed
  void rename(Path from, Path to) throws IOException;

  /// Removes a file, if it is there.
  ///
  /// @param file what to remove
  /// @throws IOException if it is there and cannot be removed
  void delete(Path file) throws IOException;

  /// Makes the content of a file durable.
  ///
  /// @param file what to sync
  /// @throws IOException if the sync fails
  void syncFile(Path file) throws IOException;

  /// Makes the names in a directory durable.
  ///
  /// @param directory what to sync
  /// @throws SyncFailedException if the sync fails
  /// @throws IOException if the directory cannot be opened, or the thread is interrupted: no sync
  ///   was lost
  void syncDirectory(Path directory) throws IOException;

  /// A file that is being written. For one thread.
  interface Output extends Closeable {

    /// Appends bytes.
    ///
    /// @param bytes all that remain are written; only read during the call
    /// @throws IOException if the disk fails or is full, or the thread is interrupted
    void write(ByteBuffer bytes) throws IOException;

    /// Makes what was written durable.
    ///
    /// @throws IOException if the sync fails; nothing may be concluded about the file then
    void sync() throws IOException;
  }
}
