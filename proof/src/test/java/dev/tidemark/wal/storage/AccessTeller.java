package dev.tidemark.wal.storage;

import java.nio.file.Path;

/// A process that opens a directory and says whether interrupts reach its files.
final class AccessTeller {
  private AccessTeller() {}

  public static void main(String[] arguments) throws Exception {
    try (Storage storage = FileStorage.open(Path.of(arguments[0]))) {
      storage.create("told").close();
      storage.delete("told");
      System.out.println("uninterruptible " + storage.uninterruptible());
    }
  }
}
