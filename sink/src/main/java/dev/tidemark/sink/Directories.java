package dev.tidemark.sink;

import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The directories of a sink, each made durable once before a file goes into it.
///
/// That a directory is there does not say that it survives a power cut: whoever made it may have
/// been killed before the sync of its parent. So the first time this process meets a directory it
/// syncs the parent, whether it made the directory or found it. Safe for use by many threads.
final class Directories {

  /// How many directories are remembered as durable before all are forgotten.
  static final int MAX_KNOWN = 10_000;

  private final Path root;
  private final Disk disk;

  /// Directories whose names, and those of all above them up to the root, are durable.
  private final Set<Path> known = ConcurrentHashMap.newKeySet();

  /// Why no directory may be trusted any more. Set at most from null to a cause, by any thread.
  private volatile @Nullable IOException failure;

  Directories(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  /// Makes the root durable, and what is missing of the way to it.
  ///
  /// @throws IOException if the root cannot be made, or a directory that was given a new name in it
  ///   cannot be synced
  void ensureRoot() throws IOException {
    ensureAbove(root);
    known.add(root);
  }

  private void ensureAbove(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null) {
      return;
    }
    boolean there = Files.isDirectory(directory);
    if (!there) {
      ensureAbove(parent);
      create(directory);
    }
    // A directory this process may not write is no place where a run before this one made the root;
    // above a mount point it is often read-only and cannot even be synced.
    if (!there || Files.isWritable(parent)) {
      sync(parent);
    }
  }

  /// Makes a directory below the root durable, and every one on the way to it.
  ///
  /// @param directory an absolute path below the root
  /// @throws IOException if one of them cannot be made or synced, or something else has its name
  void ensure(Path directory) throws IOException {
    if (known.contains(directory) && Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent == null || !directory.startsWith(root)) {
      throw new IOException(directory + " is not below " + root);
    }
    if (!directory.equals(root)) {
      ensure(parent);
    }
    create(directory);
    sync(parent);
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    known.add(directory);
  }

  private void create(Path directory) throws IOException {
    try {
      disk.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is in the way: it is not a directory", e);
      }
    }
  }

  /// Makes the names in a directory durable.
  ///
  /// After a sync that failed the kernel may hold names that the disk does not, and a second sync
  /// may succeed without writing them. So the first failure is final for this object; whoever opens
  /// the sink again starts with what the disk then shows.
  ///
  /// @param directory what to sync
  /// @throws IOException if the sync fails, or one failed before
  void sync(Path directory) throws IOException {
    requireTrusted();
    try {
      disk.syncDirectory(directory);
    } catch (SyncFailedException e) {
      failure = new IOException("sync of directory " + directory + ": " + e.getMessage(), e);
      throw e;
    }
  }

  /// Refuses work after a failed sync.
  ///
  /// @throws IOException if a sync of a directory failed before
  void requireTrusted() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw new IOException(
          "the sink under "
              + root
              + " has failed ("
              + cause.getMessage()
              + "); check the disk, then start again",
          cause);
    }
  }
}
