package dev.tidemark.cli.logs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Copies and removes directories with all that is in them. Stateless.
public final class Trees {
  private Trees() {}

  /// Copies a file or directory and makes the copy durable; then reads both and compares them.
  ///
  /// @param from what
  /// @param to its new name, which nothing has yet
  /// @throws IOException if it cannot be copied, or the copy is not the same: somebody writes to it
  public static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectory(to.resolve(from.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              Path copy = to.resolve(from.relativize(file).toString());
              Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
              sync(copy);
              if (Files.mismatch(file, copy) >= 0) {
                throw new IOException(file + " changed while it was copied: is it in use?");
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            sync(to.resolve(from.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }
        });
    syncParent(to);
  }

  /// Removes a file or directory, if it is there.
  ///
  /// @param path what
  /// @throws IOException if it cannot be removed
  public static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Checks that a new directory can have a name.
  ///
  /// @param path the name: nothing has it, or an empty directory
  /// @throws FileAlreadyExistsException if something is there
  /// @throws IOException if it cannot be looked at
  static void mustBeFree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (!Files.isDirectory(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    try (Stream<Path> files = Files.list(path)) {
      if (files.findAny().isPresent()) {
        throw new FileAlreadyExistsException(path.toString());
      }
    }
  }

  /// Gives a directory the name of one that is not there, or is empty, durably.
  ///
  /// @param from its name
  /// @param to its new name
  /// @throws IOException if that fails
  static void replaceEmpty(Path from, Path to) throws IOException {
    Files.deleteIfExists(to);
    rename(from, to);
  }

  /// Gives a file or directory another name, durably.
  ///
  /// @param from its name
  /// @param to its new name; a file of that name is replaced
  /// @throws IOException if that fails
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncParent(to);
  }

  /// Makes a file's bytes, or a directory's names, durable.
  ///
  /// @param path what
  /// @throws IOException if that fails
  public static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void syncParent(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      sync(parent);
    }
  }
}
