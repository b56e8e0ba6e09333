package dev.tidemark.wal.storage;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A directory of a real file system.
///
/// On 64-bit Linux, where native access is granted (`--enable-native-access`), files are read,
/// written and synced by system calls that no [Thread#interrupt()] reaches and that allocate
/// nothing. Elsewhere by [java.nio.channels.FileChannel]; [#uninterruptible()] tells which. A full
/// disk or quota is a [StorageFullException]; by channels it is known only if the system speaks
/// English.
///
/// Safe for use by any number of threads, as [Storage] says.
public final class FileStorage implements Storage {
  private final Path directory;
  private final boolean nativeAccess;
  private final String lockName;

  /// Guarded by this.
  private @Nullable DirectoryLock lock;

  private FileStorage(Path directory, boolean nativeAccess, String lockName) {
    this.directory = directory;
    this.nativeAccess = nativeAccess;
    this.lockName = lockName;
  }

  /// Opens a directory, by system calls if they are to be had. Creates it and its parents if they
  /// are missing; they are durable on return.
  ///
  /// @param directory where
  /// @return the storage, not locked
  /// @throws IOException if the directory cannot be made, or is not one
  public static FileStorage open(Path directory) throws IOException {
    return open(directory, StorageArguments.LOCK);
  }

  /// Opens a directory as [#open(Path)] does, for files that another program locks, too: whoever
  /// has a lock (`fcntl`, on all of the file) on the file of the given name keeps out everybody
  /// else.
  ///
  /// @param directory where
  /// @param lockName the file that [#lock()] locks. Unless it is `lock`, nothing is written to it
  /// @return the storage, not locked
  /// @throws IOException if the directory cannot be made, or is not one
  public static FileStorage open(Path directory, String lockName) throws IOException {
    boolean onDisk = directory.getFileSystem().equals(FileSystems.getDefault());
    return open(directory, onDisk && Posix.usable(), lockName);
  }

  /// Opens a directory as [#open(Path)] does, by Java's channels, whatever is to be had.
  ///
  /// @param directory where
  /// @return the storage, not locked; not [#uninterruptible()]
  /// @throws IOException if the directory cannot be made, or is not one
  public static FileStorage openPortable(Path directory) throws IOException {
    return open(directory, false, StorageArguments.LOCK);
  }

  /// Opens a directory that is there, to read its files. Makes nothing and changes nothing.
  ///
  /// @param directory where
  /// @return the storage, not locked
  /// @throws NoSuchFileException if there is no such directory
  /// @throws IOException if it is not a directory
  public static FileStorage openReadOnly(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath();
    if (!Files.exists(absolute)) {
      throw new NoSuchFileException(absolute.toString());
    }
    if (!Files.isDirectory(absolute)) {
      throw new IOException(absolute + " is not a directory");
    }
    boolean onDisk = directory.getFileSystem().equals(FileSystems.getDefault());
    return new FileStorage(absolute, onDisk && Posix.usable(), StorageArguments.LOCK);
  }

  private static FileStorage open(Path directory, boolean nativeAccess, String lockName)
      throws IOException {
    Path absolute = directory.toAbsolutePath();
    FileStorage storage = new FileStorage(absolute, nativeAccess, lockName);
    storage.createDirectories(absolute);
    return storage;
  }

  /// From the top down, and each name durable before the next is made.
  private void createDirectories(Path wanted) throws IOException {
    Path parent = wanted.getParent();
    if (Files.isDirectory(wanted)) {
      syncFoundDirectory(parent);
      return;
    }
    if (parent != null) {
      createDirectories(parent);
    }
    try {
      Files.createDirectory(wanted);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(wanted)) {
        throw new IOException(wanted + " exists and is not a directory", e);
      }
    } catch (IOException e) {
      throw ChannelFile.failure(wanted, "create directory", e);
    }
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  /// A directory that is there may be one that a killed process of ours made and did not make
  /// durable. One in a parent that cannot be read is not ours.
  private void syncFoundDirectory(@Nullable Path parent) throws IOException {
    if (parent != null && Files.isReadable(parent)) {
      syncDirectory(parent);
    }
  }

  @Override
  public String description() {
    return directory.toString();
  }

  @Override
  public synchronized void lock() throws IOException {
    lock = DirectoryLock.take(directory, lockName);
  }

  @Override
  public List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isRegularFile(file)) {
          names.add(String.valueOf(file.getFileName()));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  @Override
  public StorageFile create(String name) throws IOException {
    Path path = path(name);
    return nativeAccess
        ? NativeFile.open(path, Posix.O_RDWR | Posix.O_CREAT | Posix.O_EXCL)
        : ChannelFile.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    Path path = path(name);
    return nativeAccess
        ? NativeFile.open(path, Posix.O_RDWR)
        : ChannelFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    Path path = path(name);
    return nativeAccess
        ? NativeFile.open(path, Posix.O_RDONLY)
        : ChannelFile.open(path, StandardOpenOption.READ);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Path source = path(from);
    Path target = path(to);
    try {
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw ChannelFile.failure(source, "rename to " + to, e);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = path(name);
    if (Files.isDirectory(path)) {
      throw new IOException(path + ": is a directory and was not deleted");
    }
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw ChannelFile.failure(path, "delete", e);
    }
  }

  @Override
  public void syncDirectory() throws IOException {
    syncDirectory(directory);
  }

  private void syncDirectory(Path path) throws IOException {
    if (nativeAccess) {
      try (NativeFile opened = NativeFile.open(path, Posix.O_RDONLY)) {
        opened.sync(true);
      }
    } else if (File.separatorChar == '/') { // Windows can neither open nor sync a directory
      try (ChannelFile opened = ChannelFile.open(path, StandardOpenOption.READ)) {
        opened.sync(true);
      }
    }
  }

  @Override
  public long usableBytes() throws IOException {
    if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
      return Files.getFileStore(directory).getUsableSpace();
    }
    // Not by FileStore here: it looks for the mount, which some containers hide.
    long bytes = directory.toFile().getUsableSpace();
    if (bytes == 0 && !Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    return bytes;
  }

  @Override
  public boolean uninterruptible() {
    return nativeAccess;
  }

  @Override
  public synchronized void close() throws IOException {
    DirectoryLock held = lock;
    lock = null;
    if (held != null) {
      held.close();
    }
  }

  private Path path(String name) {
    if (name.equals(lockName) && !name.equals(StorageArguments.LOCK)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is what this storage locks, and cannot be used");
    }
    return directory.resolve(StorageArguments.fileName(name));
  }
}
