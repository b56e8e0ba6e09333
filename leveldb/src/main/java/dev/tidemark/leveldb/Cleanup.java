package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.FileName;
import java.io.IOException;
import java.util.Set;

/// Removes files that are no longer part of a store (google/leveldb, db/db_impl.cc,
/// DBImpl::RemoveObsoleteFiles): logs whose contents are in tables that a synced manifest names,
/// tables that no version in use has, manifests before the one in use.
///
/// For the thread that changes tables: so no table is being written meanwhile, which no version has
/// yet. A log that a writer begins meanwhile has a higher number than the one that the manifest
/// names.
final class Cleanup {
  private final Store store;

  Cleanup(Store store) {
    this.store = store;
  }

  /// Removes what can go. A file that cannot be removed is told, and tried again at the next open.
  void run() throws IOException {
    if (store.failure().isSet()) {
      return; // nobody knows whether the last manifest is durable
    }
    Set<Long> tables = store.versions().tablesInUse();
    for (String name : store.storage().list()) {
      if (store.isClosed()) {
        return; // by the listener, perhaps, that was told of the file before
      }
      FileName parsed = FileName.parse(name);
      if (parsed != null && !isNeeded(parsed, tables)) {
        remove(name, parsed);
      }
    }
  }

  private boolean isNeeded(FileName name, Set<Long> tables) {
    return switch (name.kind()) {
      case LOG -> name.number() >= store.versions().logNumber();
      case TABLE -> tables.contains(name.number());
      case MANIFEST -> name.number() >= store.versions().manifestNumber();
      case TEMPORARY -> false;
    };
  }

  private void remove(String name, FileName parsed) {
    try {
      if (parsed.kind() == FileName.Kind.TABLE) {
        store.tables().forget(parsed.number());
      }
      store.storage().delete(name);
    } catch (IOException stays) {
      store.warnings().tell(name + " is not needed any more and cannot be removed: " + stays);
    }
  }
}
