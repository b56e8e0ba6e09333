package dev.tidemark.wal.storage;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// One directory of a file system, as far as a log needs it. A test may put its own in place.
///
/// Names are plain file names: no separators, not empty, not `.` or `..`. Safe for use by any
/// number of threads, with one exception: calls about one name do not overlap.
///
/// **Durability.** A created, renamed or deleted name survives a power cut only after
/// [#syncDirectory()]; until then either state may be found, in any combination. Bytes survive only
/// after [StorageFile#sync].
public interface Storage extends Closeable {

  /// {@return how messages name this storage: its path}
  String description();

  /// Takes the exclusive lock of this storage, until [#close()]. Leaves a file named `lock`, or as
  /// [FileStorage#open(java.nio.file.Path, String)] was told.
  ///
  /// @throws dev.tidemark.wal.WalLockedException if this or another process has it; the message
  ///   names the owner's process id where it is known
  /// @throws IOException if the storage fails
  void lock() throws IOException;

  /// {@return the names of all plain files, in no order}
  ///
  /// @throws IOException if the storage fails
  List<String> list() throws IOException;

  /// Creates a file for reading and writing.
  ///
  /// @param name its name
  /// @return the file, empty
  /// @throws java.nio.file.FileAlreadyExistsException if the name is taken
  /// @throws IOException if the storage fails
  StorageFile create(String name) throws IOException;

  /// Opens a file for reading and writing.
  ///
  /// @param name its name
  /// @return the file
  /// @throws java.nio.file.NoSuchFileException if there is none
  /// @throws IOException if the storage fails
  StorageFile open(String name) throws IOException;

  /// Opens a file for reading; writing to it is a mistake of the caller's.
  ///
  /// @param name its name
  /// @return the file
  /// @throws java.nio.file.NoSuchFileException if there is none
  /// @throws IOException if the storage fails
  StorageFile openForRead(String name) throws IOException;

  /// Renames a file atomically, replacing a file of the new name. Open files stay open.
  ///
  /// @param from its name
  /// @param to its new name
  /// @throws IOException if the storage fails; the name is then the old or the new one
  void rename(String from, String to) throws IOException;

  /// Removes a name. Open files stay readable until they are closed.
  ///
  /// @param name the name
  /// @throws java.nio.file.NoSuchFileException if there is none
  /// @throws IOException if the storage fails
  void delete(String name) throws IOException;

  /// Makes created, renamed and deleted names durable.
  ///
  /// @throws IOException if the storage fails; which names are durable is then unknown
  void syncDirectory() throws IOException;

  /// {@return how many bytes new files may take, as far as the file system knows}
  ///
  /// @throws IOException if the storage fails
  long usableBytes() throws IOException;

  /// {@return whether reads, writes and syncs are out of reach of [Thread#interrupt()]}
  ///
  /// Where they are not, an interrupt closes the file for everybody, so only the log's own threads
  /// may call.
  boolean uninterruptible();

  /// Releases the lock, if taken. Files that are still open stay open. Idempotent.
  ///
  /// @throws IOException if the storage fails
  @Override
  void close() throws IOException;
}
