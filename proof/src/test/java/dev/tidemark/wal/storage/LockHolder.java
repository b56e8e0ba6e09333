package dev.tidemark.wal.storage;

import dev.tidemark.wal.WalLockedException;
import java.nio.file.Path;

/// A process that locks a directory, says whether it could, and stays until it is killed or its
/// input ends.
final class LockHolder {
  private LockHolder() {}

  public static void main(String[] arguments) throws Exception {
    try (Storage storage = FileStorage.openPortable(Path.of(arguments[0]))) {
      try {
        storage.lock();
        System.out.println("locked");
      } catch (WalLockedException e) {
        System.out.println("refused");
      }
      while (System.in.read() >= 0) {
        // wait for the end
      }
    }
  }
}
