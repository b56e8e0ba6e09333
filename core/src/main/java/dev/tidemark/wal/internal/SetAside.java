package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.List;

/// Puts files aside that are not, or no longer, part of the log: they get another name, which no
/// log reads, and are never deleted.
final class SetAside {
  private static final String ASIDE = ".aside";
  private static final String DAMAGED = ".damaged";

  private SetAside() {}

  /// {@return whether a name is one that this gave}
  static boolean isName(String name) {
    return name.contains(ASIDE) || name.contains(DAMAGED);
  }

  /// Renames a file, which is durable only after the directory is synced.
  ///
  /// @param name its name
  /// @param damaged whether it is damaged, or whole and of no use
  /// @return its new name, which nothing else had
  static String put(Storage storage, String name, boolean damaged) throws IOException {
    Long number = SegmentHeader.numberAtHead(name);
    String stem = number == null ? name : name.substring(0, 16);
    String wanted = stem + (damaged ? DAMAGED : ASIDE);
    List<String> taken = storage.list();
    String free = wanted;
    for (int i = 2; taken.contains(free); i++) {
      free = wanted + "." + i;
    }
    storage.rename(name, free);
    return free;
  }
}
