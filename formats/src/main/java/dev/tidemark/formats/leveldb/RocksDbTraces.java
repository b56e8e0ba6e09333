package dev.tidemark.formats.leveldb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The files by which a directory of RocksDB's is told from one of LevelDB's, whose logs and
/// manifests may be the same.
public final class RocksDbTraces {
  private RocksDbTraces() {}

  /// {@return whether there are any}
  ///
  /// @param directory where to look
  /// @throws IOException if it cannot be read
  public static boolean in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.equals("IDENTITY") || name.startsWith("OPTIONS-"));
    }
  }
}
