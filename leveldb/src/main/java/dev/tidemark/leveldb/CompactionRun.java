package dev.tidemark.leveldb;

import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Merges tables into new ones of the next level (google/leveldb, db/db_impl.cc,
/// DBImpl::DoCompactionWork). For one thread at a time.
///
/// Of one user's key goes away what nobody can read any more: what is hidden from the oldest
/// snapshot by a newer value, and a deletion that the oldest snapshot sees if no deeper level can
/// hold the key. A key of a type that LevelDB does not know is kept, and hides nothing, so that
/// whoever reads is still told of it. A new table never begins amid the values of one user's key.
final class CompactionRun {
  private final Storage storage;
  private final LevelDbOptions options;
  private final Versions versions;
  private final TableCache tables;
  private final Compaction compaction;
  private final Version version;
  private final long oldestSnapshot;
  private final Pause pause;

  // All owned by the caller's thread.
  private final List<TableFile> outputs = new ArrayList<>();
  private @Nullable NewTable output;
  private byte @Nullable [] lastKey;
  private boolean lastIsSeen;

  /// What is more urgent, done between two keys.
  interface Pause {
    void now() throws IOException;
  }

  /// @param oldestSnapshot what is newer than this is kept
  /// @param version the tables, pinned by the caller
  /// @param pause what is more urgent
  CompactionRun(
      Store store, Compaction compaction, Version version, long oldestSnapshot, Pause pause) {
    storage = store.storage();
    options = store.options();
    versions = store.versions();
    tables = store.tables();
    this.compaction = compaction;
    this.version = version;
    this.oldestSnapshot = oldestSnapshot;
    this.pause = pause;
  }

  /// {@return the new tables, synced, but not their names}
  List<TableFile> run() throws IOException {
    try (SortedCursor keys = inputs()) {
      for (keys.first(); keys.valid(); keys.next()) {
        pause.now();
        keep(keys.key(), keys);
      }
      finishOutput();
      return outputs;
    } finally {
      if (output != null) {
        output.close();
      }
    }
  }

  private SortedCursor inputs() {
    List<SortedCursor> parts = new ArrayList<>();
    if (compaction.level() == 0) {
      compaction.inputs().forEach(table -> parts.add(tables.cursor(List.of(table), false)));
    } else {
      parts.add(tables.cursor(compaction.inputs(), false));
    }
    parts.add(tables.cursor(compaction.below(), false));
    return new MergedCursor(parts);
  }

  private void keep(byte[] key, SortedCursor keys) throws IOException {
    byte[] before = lastKey;
    int order = before == null ? -1 : InternalKeys.compare(before, key);
    if (order > 0) { // damage that checksums do not show; written on, it would hide keys for good
      throw new CorruptLevelDbException(
          storage.description()
              + ": the tables that are merged into level "
              + (compaction.level() + 1)
              + " are in no order at "
              + InternalKeys.describe(key));
    }
    boolean sameUser = before != null && InternalKeys.sameUser(before, key);
    boolean known = InternalKeys.isKnown(key);
    boolean hidden = order == 0 || (known && sameUser && lastIsSeen);
    lastKey = key;
    lastIsSeen = known && InternalKeys.sequence(key) <= oldestSnapshot;
    boolean deleted = InternalKeys.type(key) == InternalKeys.DELETED;
    if (hidden || (deleted && lastIsSeen && isNowhereBelow(key))) {
      return;
    }
    if (!sameUser && output != null && output.size() >= options.maxFileBytes()) {
      finishOutput();
    }
    if (output == null) {
      output = new NewTable(storage, options, versions.newFileNumber());
    }
    output.add(key, keys.value());
  }

  private boolean isNowhereBelow(byte[] key) {
    for (int level = compaction.level() + 2; level < version.levels(); level++) {
      List<TableFile> deeper = version.level(level);
      byte[] newest =
          InternalKeys.of(InternalKeys.userKey(key), InternalKeys.MAX_SEQUENCE, InternalKeys.PUT);
      int at = Version.search(deeper, newest);
      if (at < deeper.size() && InternalKeys.compareUsers(deeper.get(at).smallest(), key) <= 0) {
        return false;
      }
    }
    return true;
  }

  private void finishOutput() throws IOException {
    NewTable full = output;
    if (full != null) {
      output = null;
      try (full) {
        outputs.add(full.finish());
      }
    }
  }
}
