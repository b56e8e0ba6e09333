package dev.tidemark.wal.storage;

import java.nio.file.Path;

/// A process that locks a directory, says so, and stays until it is killed or its input ends.
final class LockHolder {
  private LockHolder() {}

  public static void main(String[] arguments) throws Exception {
    try (Storage storage = FileStorage.openPortable(Path.of(arguments[0]))) {
      storage.lock();
      System.out.println("locked");
      while (System.in.read() >= 0) {
        // wait for the end
      }
    }
  }
}
