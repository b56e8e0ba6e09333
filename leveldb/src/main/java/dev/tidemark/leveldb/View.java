package dev.tidemark.leveldb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that a read looks at, the newest first.
///
/// @param table what is written into now
/// @param flushing what is being put into a table, if anything is
/// @param version the tables; to be pinned while they are read
record View(MemTable table, @Nullable MemTable flushing, Version version) {

  /// {@return the newest that is known of a user's key as of a sequence number; null for nothing}
  ///
  /// @param tables opens tables
  /// @param userKey the key
  /// @param seekKey the key with the sequence number
  @Nullable Found get(TableCache tables, byte[] userKey, byte[] seekKey) throws IOException {
    Found found = table.get(seekKey);
    if (found == null && flushing != null) {
      found = flushing.get(seekKey);
    }
    for (int level = 0; found == null && level < version.levels(); level++) {
      found =
          level == 0
              ? ofNewest(tables, userKey, seekKey)
              : ofLevel(tables, level, userKey, seekKey);
    }
    return found;
  }

  private @Nullable Found ofNewest(TableCache tables, byte[] userKey, byte[] seekKey)
      throws IOException {
    for (TableFile file : version.level(0)) {
      Found found = file.mayHold(userKey) ? tables.get(file, seekKey) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Found ofLevel(TableCache tables, int level, byte[] userKey, byte[] seekKey)
      throws IOException {
    List<TableFile> files = version.level(level);
    int at = Version.search(files, seekKey);
    return at < files.size() && files.get(at).mayHold(userKey)
        ? tables.get(files.get(at), seekKey)
        : null;
  }

  /// {@return a cursor over all internal keys, nowhere at first}
  SortedCursor cursor(TableCache tables) {
    List<SortedCursor> parts = new ArrayList<>();
    parts.add(table.cursor());
    if (flushing != null) {
      parts.add(flushing.cursor());
    }
    version.level(0).forEach(file -> parts.add(tables.cursor(List.of(file), true)));
    for (int level = 1; level < version.levels(); level++) {
      if (!version.level(level).isEmpty()) {
        parts.add(tables.cursor(version.level(level), true));
      }
    }
    return new MergedCursor(parts);
  }
}
