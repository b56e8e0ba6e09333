package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.VersionEdit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is done about files while the store is used: memory tables become tables, tables are
/// merged, and what nobody needs goes away. By one thread, one thing at a time, so nobody else
/// changes the tables.
///
/// Anything thrown here fails the store.
final class Background {
  private final Store store;
  private final Cleanup cleanup;

  /// The thread; null if the work is done by whoever asks for it, for tests that want the same
  /// order every time. Written once, before anybody else knows this.
  private @Nullable Thread thread;

  Background(Store store) {
    this.store = store;
    cleanup = new Cleanup(store);
  }

  void start() {
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("tidemark-leveldb")
            .start(
                () -> {
                  while (store.awaitWork()) {
                    work();
                  }
                });
  }

  /// Tells that there may be something to do.
  void wake() {
    if (thread == null) {
      while (store.hasWork()) {
        work();
      }
    }
  }

  /// {@return whether the calling thread is that of the background}
  boolean isMine() {
    return Thread.currentThread().equals(thread);
  }

  /// Waits for what is being done now; the store is closed. The background itself does not wait: it
  /// is in the program's listener then, and touches no file after that.
  void join() {
    Thread running = isMine() ? null : thread;
    boolean interrupted = false;
    while (running != null && running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      long asked = store.compactionAsked();
      Compaction due;
      if (store.view().flushing() != null) {
        flush();
      } else if (asked > 0) {
        compactAll();
        store.compactionDone(asked);
      } else if ((due = Compaction.pick(store.versions().current(), store.versions())) != null) {
        replace(due, due.isMove());
      } else if (store.takeCleanup()) {
        cleanup.run();
      }
    } catch (Throwable t) {
      if (store.fail(t)) {
        store.tellFailed(t);
      }
    }
  }

  /// Puts the memory table that waits for it into a table of level 0.
  private void flush() throws IOException {
    MemTable full = store.view().flushing();
    if (full == null) {
      return;
    }
    VersionEdit.Builder edit = VersionEdit.builder();
    if (!full.isEmpty()) {
      long number = store.versions().newFileNumber();
      TableFile table = NewTable.of(store.storage(), store.options(), number, full);
      named(List.of(table));
      edit.add(table.at(0));
    }
    store.install(store.versions().write(edit, store.flushedLog()), true);
  }

  /// Makes the names of new tables durable, and sees that they can be opened before a manifest
  /// names them.
  private void named(List<TableFile> fresh) throws IOException {
    store.storage().syncDirectory();
    for (TableFile table : fresh) {
      store.tables().release(store.tables().acquire(table));
    }
  }

  /// Puts the tables of a compaction one level down.
  ///
  /// @param move whether as they are
  private void replace(Compaction compaction, boolean move) throws IOException {
    Versions versions = store.versions();
    VersionEdit.Builder edit = VersionEdit.builder();
    int level = compaction.level();
    List<TableFile> outputs = move ? compaction.inputs() : merge(compaction);
    if (store.isClosed()) {
      return; // half of it, or none; the next open removes the files
    }
    for (TableFile table : compaction.inputs()) {
      edit.add(new VersionEdit.DeletedFile(level, table.number()));
    }
    for (TableFile table : compaction.below()) {
      edit.add(new VersionEdit.DeletedFile(level + 1, table.number()));
    }
    outputs.forEach(table -> edit.add(table.at(level + 1)));
    if (level > 0 && !compaction.inputs().isEmpty()) { // empty where all is in the deepest level
      versions.compactPointer(level, compaction.end());
      edit.add(new VersionEdit.CompactPointer(level, ByteBuffer.wrap(compaction.end())));
    }
    store.install(versions.write(edit, versions.logNumber()), false);
  }

  private List<TableFile> merge(Compaction compaction) throws IOException {
    Version version = store.versions().current();
    if (!version.tryPin()) {
      throw new IllegalStateException("the current version is not pinned");
    }
    try {
      long oldest = store.snapshots().oldest();
      List<TableFile> outputs =
          new CompactionRun(store, compaction, version, oldest, this::pause).run();
      named(outputs);
      return outputs;
    } catch (Closing closing) {
      return List.of();
    } finally {
      version.unpin();
    }
  }

  /// A memory table that waits holds writers up, and so does a store that is to be closed.
  private void pause() throws IOException {
    if (store.isClosed()) {
      throw new Closing();
    }
    if (store.view().flushing() != null) {
      flush();
    }
  }

  /// Merges everything down into the deepest level that has anything.
  private void compactAll() throws IOException {
    int deepest = Math.max(1, deepest(store.versions().current()));
    for (int level = 0; level < deepest - 1 && !store.isClosed(); level++) {
      Version version = store.versions().current();
      if (!version.level(level).isEmpty()) {
        replace(Compaction.of(version, level, version.level(level)), false);
      }
    }
    // All of the deepest level, too: what a snapshot kept there may be needed no more.
    Version version = store.versions().current();
    Compaction last =
        new Compaction(deepest - 1, version.level(deepest - 1), version.level(deepest));
    if (!last.isEmpty()) {
      replace(last, false);
    }
  }

  private static int deepest(Version version) {
    int level = version.levels() - 1;
    while (level > 0 && version.level(level).isEmpty()) {
      level--;
    }
    return level;
  }

  /// The store was closed meanwhile.
  private static final class Closing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Closing() {
      super(null, null, false, false);
    }
  }
}
