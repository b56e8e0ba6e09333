package dev.tidemark.wal.internal;

import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

  /// Puts aside those of some files that are there; durable on return.
  ///
  /// @param files their names, and whether they are damaged
  /// @return their new names
  static List<String> all(Storage storage, Map<String, Boolean> files) throws IOException {
    List<String> names = new ArrayList<>();
    List<String> there = storage.list();
    for (Map.Entry<String, Boolean> file : files.entrySet()) {
      if (there.contains(file.getKey())) {
        names.add(put(storage, file.getKey(), file.getValue()));
      }
    }
    if (!names.isEmpty()) {
      storage.syncDirectory();
    }
    return names;
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
