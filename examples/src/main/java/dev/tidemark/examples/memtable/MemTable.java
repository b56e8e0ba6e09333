package dev.tidemark.examples.memtable;

import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// A sorted table in memory, behind a log. A change is in the log before it is in the table; a
/// checkpoint is the table as a file, and lets the log go. Safe for any number of threads.
///
/// ```
/// put ─► append, durable ─► table            open ─► checkpoint ─► table ◄─ changes behind it
/// ```
public final class MemTable implements AutoCloseable {
  private final Wal wal;
  private final ConcurrentSkipListMap<String, Versioned> table = new ConcurrentSkipListMap<>();
  private final ReadWriteLock gate = new ReentrantReadWriteLock();

  /// A value and the record that set it: of two changes of a key the later record wins, in whatever
  /// order threads come here.
  private record Versioned(long lsn, String value) {
    static Versioned newer(Versioned one, Versioned other) {
      return one.lsn() > other.lsn() ? one : other;
    }
  }

  private MemTable(Wal wal) {
    this.wal = wal;
  }

  /// Opens a table, or creates it: the newest checkpoint, and every change behind it.
  ///
  /// @param directory where its log is
  /// @param options how the log works
  /// @return the table as of the last change that was acknowledged
  /// @throws IOException as [Wal#open(Path, WalOptions)]
  public static MemTable open(Path directory, WalOptions options) throws IOException {
    MemTable table = new MemTable(Wal.open(directory, options));
    try {
      table.recover();
      return table;
    } catch (IOException | RuntimeException e) {
      try (table) {
        throw e;
      }
    }
  }

  private void recover() throws IOException {
    long from = wal.firstLsn();
    Optional<Checkpoint> checkpoint = wal.checkpoint();
    if (checkpoint.isPresent()) {
      load(checkpoint.get());
      from = checkpoint.get().lsn() + 1;
    }
    try (Cursor cursor = wal.read(from)) {
      while (cursor.next()) {
        apply(cursor.lsn(), Change.decode(cursor.bytes()));
      }
    }
  }

  private void load(Checkpoint checkpoint) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(checkpoint.open()))) {
      while (true) {
        long lsn;
        try {
          lsn = in.readLong();
        } catch (EOFException _) {
          return;
        }
        apply(lsn, new Change(in.readUTF(), in.readUTF()));
      }
    }
  }

  private void apply(long lsn, Change change) {
    table.merge(change.key(), new Versioned(lsn, change.value()), Versioned::newer);
  }

  /// Sets a value; durable on return.
  ///
  /// @param key the key
  /// @param value its value from now on
  /// @throws IOException as [Wal#append(byte\[\])]
  public void put(String key, String value) throws IOException {
    Change change = new Change(key, value);
    byte[] payload = change.encode();
    // Many may be between append and apply at once: their records share one sync.
    gate.readLock().lock();
    try {
      apply(wal.append(payload), change);
    } finally {
      gate.readLock().unlock();
    }
  }

  /// {@return a key's value, or null}
  ///
  /// @param key the key
  public @Nullable String get(String key) {
    Versioned found = table.get(key);
    return found == null ? null : found.value();
  }

  /// {@return how many keys there are}
  public int size() {
    return table.size();
  }

  /// {@return the log, for those who want to look at it}
  public Wal wal() {
    return wal;
  }

  /// Writes the table down; the log keeps what came later. Changes go on meanwhile: what of them is
  /// in the snapshot already is applied again by recovery, which changes nothing.
  ///
  /// @throws IOException as [Wal#checkpoint(long, dev.tidemark.wal.SnapshotWriter)]
  public void checkpoint() throws IOException {
    long lsn;
    gate.writeLock().lock(); // nobody is between append and apply
    try {
      lsn = wal.lastLsn();
    } finally {
      gate.writeLock().unlock();
    }
    Checkpoint _ =
        wal.checkpoint(
            lsn,
            out -> {
              DataOutputStream lines = new DataOutputStream(new BufferedOutputStream(out));
              for (Map.Entry<String, Versioned> each : table.entrySet()) {
                lines.writeLong(each.getValue().lsn());
                lines.writeUTF(each.getKey());
                lines.writeUTF(each.getValue().value());
              }
              lines.flush();
            });
  }

  @Override
  public void close() throws IOException {
    wal.close();
  }
}
