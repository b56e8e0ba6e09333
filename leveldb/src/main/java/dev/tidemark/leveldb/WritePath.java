package dev.tidemark.leveldb;

import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// From a call that writes to its acknowledgement: the oldest of those that wait writes one record
/// for itself and for those behind it, syncs the log if one of them asks for it, puts the
/// operations into the memory table, and lets everybody go.
///
/// Safe for use by any number of threads. What is below the queue is owned by who leads.
final class WritePath {
  /// How large a record of several writes becomes, in bytes.
  static final int MOST_GROUP_BYTES = 1 << 20;

  /// A small write waits for no more than this beside itself.
  private static final long SMALL_GROUP_BYTES = 128 << 10;

  /// How large the memory for a record may stay, in bytes.
  private static final int MOST_KEPT_BYTES = 4 << 20;

  /// From how many tables of level 0 on writers are slowed down, and stopped.
  private static final int SLOW_DOWN_TABLES = 8;

  private static final int STOP_TABLES = 12;

  private final Store store;
  private final LevelDbOptions options;
  private final Runnable background;
  private final WriteQueue queue = new WriteQueue();

  // Owned by who leads.
  private BatchWriter record = new BatchWriter();
  private AppendFile log;

  /// @param log in which to go on
  /// @param background is called when there is something to do in the background
  WritePath(Store store, AppendFile log, Runnable background) {
    this.store = store;
    this.log = log;
    this.background = background;
    options = store.options();
  }

  /// Writes, and returns once the log has it.
  ///
  /// @throws LevelDbFailedException if the store fails or has failed
  /// @throws IllegalStateException if it is closed
  void write(Writer writer) throws IOException {
    if (queue.enter(writer)) {
      lead(writer);
    }
    Throwable error = writer.error;
    if (error != null) {
      throw failed(error);
    }
  }

  private IOException failed(Throwable error) {
    if (isRefusal(error)) {
      throw store.closedException();
    }
    return store.failure().exception(error);
  }

  private void lead(Writer leader) {
    Writer last = leader;
    Throwable error = null;
    boolean first = false;
    try {
      store.checkOpen();
      makeRoom(false);
      last = lastOfGroup(leader);
      commit(leader, last);
    } catch (Throwable t) {
      error = t;
      first = !isRefusal(t) && store.fail(t);
    } finally {
      for (Writer at = leader; error != null && at != null; at = at == last ? null : at.newer) {
        at.error = error;
      }
      queue.leave(leader, last);
    }
    if (error != null && first) {
      store.tellFailed(error); // not while leading: the listener may close the store
    }
  }

  /// Nothing was written then. The store may be closed, by its own listener, also while somebody
  /// leads, so that it is closed says nothing about what else went wrong.
  private boolean isRefusal(Throwable error) {
    return error instanceof IllegalStateException && store.isClosed();
  }

  /// Who goes with the leader: nobody who asks for a sync when the leader does not, so that a write
  /// without sync never waits for one.
  private Writer lastOfGroup(Writer leader) {
    long bytes = leader.bytes();
    long most = bytes <= SMALL_GROUP_BYTES ? bytes + SMALL_GROUP_BYTES : MOST_GROUP_BYTES;
    Writer last = leader;
    while (true) {
      Writer next = queue.behind(last);
      if (next == null || next.isAlone() || (next.sync() && !leader.sync())) {
        return last;
      }
      bytes += next.bytes();
      if (bytes > most) {
        return last;
      }
      last = next;
    }
  }

  private void commit(Writer leader, Writer last) throws IOException {
    record.clear();
    for (Writer at = leader; at != null; at = at == last ? null : at.newer) {
      at.addTo(record);
    }
    long first = store.versions().lastSequence() + 1;
    if (record.count() == 0) { // an empty batch
      if (leader.sync()) {
        log.syncRest();
      }
      return;
    }
    if (first > InternalKeys.MAX_SEQUENCE - record.count()) {
      throw new IOException("all sequence numbers are used up: " + first);
    }
    log.append(record.payload(first), leader.sync() && options.preallocateLogs());
    if (leader.sync()) {
      log.sync();
    }
    MemTable table = store.view().table();
    long sequence = first;
    for (Writer at = leader; at != null; at = at == last ? null : at.newer) {
      sequence = at.addTo(table, sequence);
    }
    store.versions().lastSequence(sequence - 1);
    if (record.size() > MOST_KEPT_BYTES) {
      record = new BatchWriter(); // a batch that large is rare, and its memory not kept
    }
  }

  // ---- room in memory

  private void makeRoom(boolean force) throws IOException {
    boolean mustSwitch = force;
    boolean slowed = force;
    while (true) {
      store.failure().check();
      store.checkOpen();
      View now = store.view();
      int tables = now.version().level(0).size();
      if (!slowed && tables >= SLOW_DOWN_TABLES) {
        // A millisecond for each write from here on is better than to stop one for seconds later.
        background.run();
        store.awaitChange(now, 1);
        slowed = true;
      } else if (!mustSwitch && now.table().bytes() <= options.writeBufferBytes()) {
        return;
      } else if (now.flushing() != null || tables >= STOP_TABLES) {
        background.run();
        store.awaitChange(now, 0);
      } else {
        switchLog();
        mustSwitch = false;
      }
    }
  }

  /// The log before is synced first: a power cut must not take it and leave what follows.
  private void switchLog() throws IOException {
    log.syncRest();
    AppendFile next = createLog(store.storage(), store.versions().newFileNumber());
    AppendFile before = log;
    log = next;
    store.startFlush(next.number());
    background.run();
    try (before) {
      before.trim();
    }
  }

  /// {@return a new log, its name durable}
  static AppendFile createLog(Storage storage, long number) throws IOException {
    StorageFile file = storage.create(FileName.log(number));
    boolean keep = false;
    try {
      storage.syncDirectory();
      keep = true;
      return AppendFile.log(file, number, 0);
    } finally {
      if (!keep) {
        file.close();
      }
    }
  }

  // ---- turns taken alone

  /// Puts what is in memory into a table.
  @SuppressWarnings("ReferenceEquality") // whether it is the very same
  void flush() throws IOException {
    View[] mine = new View[1];
    alone(
        () -> {
          store.failure().check();
          if (!store.view().table().isEmpty()) {
            makeRoom(true);
          }
          mine[0] = store.view();
        });
    // What others put there meanwhile is not waited for: there might be no end to it.
    MemTable table = mine[0].flushing();
    View now = store.view();
    while (table != null && now.flushing() == table) {
      store.awaitChange(now, 0);
      store.failure().check();
      store.checkOpen();
      now = store.view();
    }
  }

  /// Syncs the log and closes it, and lets nobody write any more. To be called once.
  void close() throws IOException {
    Writer writer = Writer.alone();
    if (!queue.enter(writer)) {
      throw new IllegalStateException("whoever takes a turn alone leads");
    }
    try (AppendFile last = log) {
      if (!store.failure().isSet()) {
        last.syncRest();
        last.trim();
      }
    } finally {
      store.markClosed();
      queue.leave(writer, writer);
    }
  }

  private void alone(Turn turn) throws IOException {
    Writer writer = Writer.alone();
    if (!queue.enter(writer)) {
      throw new IllegalStateException("whoever takes a turn alone leads");
    }
    @Nullable Throwable error = null;
    boolean first = false;
    try {
      store.checkOpen();
      turn.take();
    } catch (Throwable t) {
      error = t;
      first = !isRefusal(t) && store.fail(t);
    } finally {
      queue.leave(writer, writer);
    }
    if (error != null) {
      if (first) {
        store.tellFailed(error);
      }
      throw failed(error);
    }
  }

  private interface Turn {
    void take() throws IOException;
  }
}
