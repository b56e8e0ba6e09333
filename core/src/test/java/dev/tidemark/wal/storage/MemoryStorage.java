package dev.tidemark.wal.storage;

import dev.tidemark.wal.WalLockedException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A disk in memory that knows what a power cut would leave of it. Nothing is durable but what
/// [Storage] and [StorageFile] promise: bytes by a sync of their file, names by a sync of the
/// directory.
///
/// It can be made to fail ([#faults()]), to fill up ([#capacity]), to hang in a sync
/// ([#holdSyncs()]) and to crash ([#crash]), and it writes down what was asked of it
/// ([#operations()]). Safe for use by any number of threads.
///
/// [#close()] gives back the lock and no more, so the same storage can be opened again.
public final class MemoryStorage implements Storage {
  /// A change of names that is not durable yet.
  private record NameChange(@Nullable String gone, @Nullable String come, Inode inode) {}

  private final Faults faults = new Faults();

  // All below is guarded by this.
  private final Map<String, Inode> seenNames = new TreeMap<>();
  private final Map<String, Inode> durableNames = new TreeMap<>();
  private final List<NameChange> unsyncedNames = new ArrayList<>();
  private final List<String> operations = new ArrayList<>();
  private boolean locked;
  private boolean holdingSyncs;
  private int heldSyncs;
  private long capacityBytes = Long.MAX_VALUE;

  /// An empty disk without a fault.
  public MemoryStorage() {}

  /// {@return what goes wrong here}
  public Faults faults() {
    return faults;
  }

  /// Sets how many bytes all files may have together. A write beyond it writes what fits and throws
  /// [StorageFullException]. Kept by [#crash].
  ///
  /// @param bytes the limit; [Long#MAX_VALUE] is none
  public synchronized void capacity(long bytes) {
    capacityBytes = bytes;
  }

  /// {@return the bytes of all files together}
  public synchronized long usedBytes() {
    return seenNames.values().stream().mapToLong(Inode::size).sum();
  }

  /// {@return what was asked and done, oldest first}
  ///
  /// `create NAME`, `write NAME OFFSET+BYTES`, `sync NAME` or `sync NAME metadata`, `rename FROM
  /// TO`, `delete NAME`, `syncdir`; what failed has ` failed` behind it. Reads are not written
  /// down.
  public synchronized List<String> operations() {
    return List.copyOf(operations);
  }

  /// Forgets the operations so far.
  public synchronized void clearOperations() {
    operations.clear();
  }

  /// Lets every sync of a file that begins from now on hang, after it has settled what it makes
  /// durable, until [#releaseSyncs()].
  public synchronized void holdSyncs() {
    holdingSyncs = true;
  }

  /// Lets held syncs go on.
  public synchronized void releaseSyncs() {
    holdingSyncs = false;
    notifyAll();
  }

  /// Waits until so many syncs hang.
  ///
  /// @param count how many
  /// @throws InterruptedException if interrupted
  public synchronized void awaitHeldSyncs(int count) throws InterruptedException {
    while (heldSyncs < count) {
      wait();
    }
  }

  /// What a crash now would leave. This storage is not changed; the copy has no faults, holds no
  /// sync and is not locked.
  ///
  /// @param crash how it ends
  /// @return the storage as the next process finds it
  public synchronized MemoryStorage crash(Crash crash) {
    MemoryStorage next = new MemoryStorage();
    next.capacityBytes = capacityBytes;
    Map<Inode, Inode> copies = new HashMap<>();
    Map<String, Inode> names = new TreeMap<>(durableNames);
    List<NameChange> changes = new ArrayList<>();
    for (NameChange change : unsyncedNames) {
      if (!crash.isPowerCut()) {
        Inode copy = copies.computeIfAbsent(change.inode, inode -> inode.after(crash));
        changes.add(new NameChange(change.gone, change.come, copy));
      } else if (crash.keepsName()) {
        apply(change, names);
      }
    }
    names.forEach(
        (name, inode) ->
            next.durableNames.put(name, copies.computeIfAbsent(inode, i -> i.after(crash))));
    next.unsyncedNames.addAll(changes);
    next.seenNames.putAll(next.durableNames);
    changes.forEach(change -> apply(change, next.seenNames));
    return next;
  }

  private static void apply(NameChange change, Map<String, Inode> names) {
    if (change.gone != null) {
      names.remove(change.gone, change.inode);
    }
    if (change.come != null) {
      names.put(change.come, change.inode);
    }
  }

  private void change(NameChange change) {
    apply(change, seenNames);
    unsyncedNames.add(change);
  }

  // ---- damage

  /// {@return the bytes of a file as a read would see them}
  ///
  /// @param name its name
  public synchronized byte[] bytes(String name) {
    return existing(name).seen();
  }

  /// {@return the bytes of a file as a power cut that loses everything unsynced would leave them}
  ///
  /// @param name its name
  public synchronized byte[] durableBytes(String name) {
    return existing(name).durable();
  }

  /// Flips one bit of a file, on the disk and in what reads see.
  ///
  /// @param name its name
  /// @param offset in bytes
  /// @param bit 0 to 7
  public synchronized void flip(String name, long offset, int bit) {
    existing(name).flip(Math.toIntExact(offset), bit);
  }

  /// Cuts a file, or lengthens it with zeros, durably.
  ///
  /// @param name its name
  /// @param size its new size in bytes
  public synchronized void truncate(String name, long size) {
    Inode inode = existing(name);
    inode.replace(Arrays.copyOf(inode.seen(), Math.toIntExact(size)));
  }

  /// Puts other bytes into a file, durably; makes it if there is none.
  ///
  /// @param name its name
  /// @param bytes all of its bytes
  public synchronized void replace(String name, byte[] bytes) {
    Inode inode = seenNames.computeIfAbsent(name, missing -> new Inode());
    inode.replace(bytes);
    durableNames.put(name, inode);
  }

  private Inode existing(String name) {
    Inode inode = seenNames.get(name);
    if (inode == null) {
      throw new IllegalArgumentException("no file " + name + " in " + seenNames.keySet());
    }
    return inode;
  }

  // ---- Storage

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public synchronized void lock() throws IOException {
    if (locked) {
      throw new WalLockedException(
          "memory is locked by this process (" + ProcessHandle.current().pid() + ")");
    }
    locked = true;
  }

  @Override
  public synchronized List<String> list() {
    return new ArrayList<>(seenNames.keySet());
  }

  @Override
  public synchronized StorageFile create(String name) throws IOException {
    Arguments.fileName(name);
    met(Faults.Call.CREATE, "create " + name);
    if (seenNames.containsKey(name)) {
      throw new FileAlreadyExistsException(name);
    }
    Inode inode = new Inode();
    change(new NameChange(null, name, inode));
    return new MemoryFile(this, name, inode, true);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    return open(name, true);
  }

  @Override
  public StorageFile openForRead(String name) throws IOException {
    return open(name, false);
  }

  private synchronized StorageFile open(String name, boolean writable) throws IOException {
    Arguments.fileName(name);
    faults.meet(Faults.Call.OPEN);
    return new MemoryFile(this, name, find(name), writable);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    Arguments.fileName(from);
    Arguments.fileName(to);
    Inode inode = find(from);
    met(Faults.Call.RENAME, "rename " + from + " " + to);
    if (!from.equals(to)) {
      change(new NameChange(from, to, inode));
    }
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    Arguments.fileName(name);
    Inode inode = find(name);
    met(Faults.Call.DELETE, "delete " + name);
    change(new NameChange(name, null, inode));
  }

  @Override
  public synchronized void syncDirectory() throws IOException {
    met(Faults.Call.SYNC_DIRECTORY, "syncdir");
    unsyncedNames.clear();
    durableNames.clear();
    durableNames.putAll(seenNames);
  }

  @Override
  public synchronized long usableBytes() {
    return capacityBytes == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public boolean uninterruptible() {
    return true;
  }

  @Override
  public synchronized void close() {
    locked = false;
  }

  private Inode find(String name) throws IOException {
    Inode inode = seenNames.get(name);
    if (inode == null) {
      throw new NoSuchFileException(name);
    }
    return inode;
  }

  // ---- what MemoryFile does

  synchronized long size(Inode inode) {
    return inode.size();
  }

  synchronized int read(Inode inode, long offset, byte[] target) throws IOException {
    faults.meet(Faults.Call.READ);
    return inode.read(offset, target);
  }

  synchronized void write(String name, Inode inode, long offset, byte[] bytes) throws IOException {
    String operation = "write " + name + " " + offset + "+" + bytes.length;
    Faults.Torn torn = faults.meetWrite();
    if (torn != null) {
      operations.add(operation + " failed");
      writePart(inode, offset, bytes, torn.keptBytes());
      throw torn.error();
    }
    long growth = Math.max(0, offset + bytes.length - inode.size());
    long free = usableBytes();
    if (growth > free) {
      operations.add(operation + " failed");
      writePart(inode, offset, bytes, bytes.length - (growth - free));
      throw new StorageFullException(name + ": " + operation + ": no space left");
    }
    operations.add(operation);
    if (bytes.length > 0) {
      inode.write(offset, bytes);
    }
  }

  private static void writePart(Inode inode, long offset, byte[] bytes, long kept) {
    int part = (int) Math.min(kept, bytes.length);
    if (part > 0) {
      inode.write(offset, Arrays.copyOf(bytes, part));
    }
  }

  synchronized void sync(String name, Inode inode, boolean metadata) throws IOException {
    long sequence = inode.lastSequence();
    holdSync();
    try {
      met(Faults.Call.SYNC, "sync " + name + (metadata ? " metadata" : ""));
    } catch (IOException e) {
      if (faults.forgetting()) {
        inode.forgetUnsynced(sequence);
      }
      throw e;
    }
    inode.sync(sequence);
  }

  private void holdSync() {
    boolean interrupted = false;
    heldSyncs++;
    notifyAll();
    while (holdingSyncs) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    heldSyncs--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void met(Faults.Call call, String operation) throws IOException {
    try {
      faults.meet(call);
    } catch (IOException e) {
      operations.add(operation + " failed");
      throw e;
    }
    operations.add(operation);
  }
}
