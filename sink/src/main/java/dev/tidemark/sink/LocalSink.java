package dev.tidemark.sink;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A sink on a local disk: one directory, which belongs to it alone while it is open.
///
/// A file is written under its final name with `.tmp` behind it, synced, read back as far as its
/// footer, renamed, and its directory is synced. A name that does not end in `.tmp` is therefore
/// that of a complete file, at every moment and after every crash.
///
/// A directory sync that fails is final: every later write is refused, with the cause, until the
/// sink is opened again. A file that cannot be written or synced leaves nothing, and may be tried
/// again. Safe for use by many threads, as [Sink] says.
public final class LocalSink implements Sink {

  /// How names end before the file is complete.
  public static final String TEMPORARY_SUFFIX = ".tmp";

  /// Directories between the root and a file: database, measurement, year, month, day, hour.
  private static final int DIRECTORY_LEVELS = 6;

  private final Path root;
  private final Disk disk;
  private final Directories directories;
  private final long removedAtOpen;

  /// Names being written now; a thread removes what it added.
  private final Set<String> writing = ConcurrentHashMap.newKeySet();

  /// Set once, by whoever closes.
  private volatile boolean closed;

  private LocalSink(Path root, Disk disk, Directories directories, long removedAtOpen) {
    this.root = root;
    this.disk = disk;
    this.directories = directories;
    this.removedAtOpen = removedAtOpen;
  }

  /// Opens a sink, making its directory if it is missing, and removes what a crash left unfinished:
  /// every regular file whose name ends in `.tmp`, at most six directories below the root.
  ///
  /// @param root the directory of the sink; no other process may write there meanwhile
  /// @return the sink, to be closed by the caller
  /// @throws IOException if the directory cannot be made, read, synced or cleaned; the message
  ///   names what
  public static LocalSink open(Path root) throws IOException {
    return open(root, new LocalDisk());
  }

  static LocalSink open(Path root, Disk disk) throws IOException {
    Path absolute = root.toAbsolutePath().normalize();
    Directories directories = new Directories(absolute, disk);
    try {
      directories.ensureRoot();
      long removed = removeTemporary(disk, absolute, DIRECTORY_LEVELS);
      return new LocalSink(absolute, disk, directories, removed);
    } catch (IOException e) {
      throw failed("open the sink under", absolute, e);
    }
  }

  private static long removeTemporary(Disk disk, Path directory, int levelsBelow)
      throws IOException {
    long removed = 0;
    try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
      for (Path path : names) {
        if (path.toString().endsWith(TEMPORARY_SUFFIX)
            && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          disk.delete(path);
          removed++;
        } else if (levelsBelow > 0 && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          removed += removeTemporary(disk, path, levelsBelow - 1);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return removed;
  }

  /// {@return how many unfinished files were removed when the sink was opened}
  public long removedAtOpen() {
    return removedAtOpen;
  }

  /// {@return the directory of the sink, absolute}
  public Path root() {
    return root;
  }

  @Override
  public Stored write(FileIdentity id, Schema schema, RowSource rows) throws IOException {
    if (closed) {
      throw new IllegalStateException("the sink under " + root + " is closed");
    }
    directories.requireTrusted();
    Footer footer = new Footer(id, requireRows(id, rows));
    String name = id.relativePath();
    if (!writing.add(name)) {
      throw new IllegalStateException(name + " is being written by another thread");
    }
    try {
      Path file = root.resolve(name);
      Stored kept = keep(file, name, footer);
      return kept != null ? kept : create(file, name, footer, schema, rows);
    } finally {
      writing.remove(name);
    }
  }

  private static int requireRows(FileIdentity id, RowSource rows) {
    int count = rows.rowCount();
    if (count < 1) {
      throw new IllegalArgumentException("a file has at least one row, not " + count);
    }
    for (int row = 0; row < count; row++) {
      long timeNanos = rows.timeNanos(row);
      if (FileIdentity.hourOf(timeNanos) != id.hourEpoch()) {
        throw new IllegalArgumentException(
            "row %d has time %d, which is not in hour %d"
                .formatted(row, timeNanos, id.hourEpoch()));
      }
    }
    return count;
  }

  /// Looks for a file of that name, and makes sure of it: who wrote it may have been killed between
  /// its rename and the sync of its directory.
  private @Nullable Stored keep(Path file, String name, Footer expected) throws IOException {
    try {
      BasicFileAttributes found;
      try {
        found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      } catch (NoSuchFileException e) {
        return null;
      }
      requireSame(file, found, expected);
      disk.syncFile(file);
      directories.ensure(parentOf(file));
      directories.sync(parentOf(file));
      return new Stored(name, expected.rows(), found.size(), true);
    } catch (SinkConflictException e) {
      throw e;
    } catch (IOException e) {
      throw failed("look at", file, e);
    }
  }

  private static void requireSame(Path file, BasicFileAttributes found, Footer expected)
      throws IOException {
    if (!found.isRegularFile()) {
      throw new SinkConflictException(
          file.toString(), "something that is not a regular file", expected.toString());
    }
    try {
      Footer footer = Footer.read(file);
      if (!footer.equals(expected)) {
        throw new SinkConflictException(file.toString(), footer.toString(), expected.toString());
      }
    } catch (Footer.UnreadableException e) {
      String message = String.valueOf(e.getMessage());
      throw new SinkConflictException(file.toString(), message, expected.toString());
    }
  }

  private Stored create(Path file, String name, Footer footer, Schema schema, RowSource rows)
      throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
    long bytes;
    try {
      directories.ensure(parentOf(file));
      bytes = writeTemporary(temporary, footer, schema, rows);
      disk.rename(temporary, file);
    } catch (IOException e) {
      discard(temporary, e);
      throw failed("write", file, e);
    } catch (RuntimeException | Error e) {
      discard(temporary, e);
      throw e;
    }
    try {
      directories.sync(parentOf(file));
    } catch (IOException e) {
      throw failed("make durable the name of", file, e);
    }
    return new Stored(name, footer.rows(), bytes, false);
  }

  private long writeTemporary(Path temporary, Footer footer, Schema schema, RowSource rows)
      throws IOException {
    long bytes;
    try (Disk.Output output = disk.create(temporary)) {
      bytes = ParquetFile.write(output, footer, schema, rows);
      output.sync();
    }
    try {
      Footer written = Footer.read(temporary);
      if (!written.equals(footer)) {
        throw new IOException("read back as " + written + " instead of " + footer);
      }
    } catch (Footer.UnreadableException e) {
      throw new IOException("read back as " + e.getMessage(), e);
    }
    return bytes;
  }

  private void discard(Path temporary, Throwable cause) {
    try {
      disk.delete(temporary);
    } catch (IOException e) {
      cause.addSuppressed(e); // removed when the sink is opened next
    }
  }

  private static Path parentOf(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  private static IOException failed(String step, Path path, IOException cause) {
    return new IOException("cannot " + step + " " + path + ": " + cause, cause);
  }

  @Override
  public void close() {
    closed = true;
  }
}
