package dev.tidemark.testkit.disk;

import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageArguments;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// A disk in memory that knows what a power cut would leave of it. Nothing is durable but what
/// [Storage] and [StorageFile] promise: bytes by a sync of their file, names by a sync of the
/// directory.
///
/// It can be made to fail ([#faults()]), to fill up ([#capacity]), to hang in a sync
/// ([#holdSyncs()]) and to crash ([#crash]), and it writes down what was asked of it
/// ([#operations()]). Safe for use by any number of threads.
///
/// [#close()] gives back the lock and no more, so the same storage can be opened again.
public final class SimulatedDisk implements Storage {
  private static final int MOST_OPERATIONS = 1 << 20;

  private final Faults faults = new Faults();

  // All below is guarded by this; what is volatile may be read without.
  private SimulatedNames names = new SimulatedNames();
  private final List<String> operations = new ArrayList<>();
  private boolean locked;
  private volatile boolean uninterruptible = true;
  private boolean cacheStays;
  private boolean holdingSyncs;
  private int heldSyncs;
  private long capacityBytes = Long.MAX_VALUE;
  private long sequence;
  private int openFiles;

  /// An empty disk without a fault.
  public SimulatedDisk() {}

  /// {@return what goes wrong here}
  public Faults faults() {
    return faults;
  }

  /// Sets how many bytes all files may have together. A write beyond it writes what fits and throws
  /// [dev.tidemark.wal.storage.StorageFullException]. Kept by [#crash].
  ///
  /// @param bytes the limit; [Long#MAX_VALUE] is none
  public synchronized void capacity(long bytes) {
    capacityBytes = bytes;
  }

  /// {@return whether there is a limit to it}
  public synchronized boolean isLimited() {
    return capacityBytes != Long.MAX_VALUE;
  }

  /// {@return the bytes of all files together}
  public synchronized long usedBytes() {
    return names.usedBytes();
  }

  /// {@return what was asked and done, oldest first; of very many the last half a million at least}
  ///
  /// `create NAME`, `write NAME OFFSET+BYTES`, `sync NAME` or `sync NAME metadata`, `rename FROM
  /// TO`, `delete NAME`, `syncdir`; what failed has ` failed` behind it. Reads are not written
  /// down.
  public synchronized List<String> operations() {
    return List.copyOf(operations);
  }

  /// {@return what was asked and done last; empty if nothing was}
  public synchronized String lastOperation() {
    return operations.isEmpty() ? "" : operations.getLast();
  }

  /// Forgets the operations so far.
  public synchronized void clearOperations() {
    operations.clear();
  }

  /// Lets interrupts do what they do to Java's channels: a call by an interrupted thread fails and
  /// closes its file for everybody. Kept by [#crash].
  public void interruptsReachFiles() {
    uninterruptible = false;
  }

  /// Refuses to forget what is cached, as storages do that cannot. Kept by [#crash].
  public synchronized void cacheStays() {
    cacheStays = true;
  }

  boolean cacheCanBeForgotten() {
    return !cacheStays;
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
  public synchronized SimulatedDisk crash(Crash crash) {
    SimulatedDisk next = new SimulatedDisk();
    next.capacityBytes = capacityBytes;
    next.uninterruptible = uninterruptible;
    next.cacheStays = cacheStays;
    next.sequence = sequence;
    List<Pending> pending = pending();
    long[] order = pending.stream().mapToLong(Pending::sequence).toArray();
    next.names = names.after(crash, s -> crash.fate(Arrays.binarySearch(order, s)));
    return next;
  }

  /// {@return the operations that a power cut may undo, in the order they were made}
  public synchronized List<Pending> pending() {
    List<Pending> all = names.pending();
    all.sort(Comparator.comparingLong(Pending::sequence));
    return all;
  }

  /// {@return a hash of what is durable: of all names and bytes}
  ///
  /// 64 bits, equal for equal disks on every run.
  public synchronized long durableHash() {
    return names.durableHash();
  }

  /// {@return how many files were opened here and not closed}
  public synchronized int openFiles() {
    return openFiles;
  }

  /// {@return the names of all files as a list would show them now}
  public synchronized List<String> fileNames() {
    return names.list();
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

  /// Flips one bit of a file on the disk alone: reads see it once the cache is forgotten.
  ///
  /// @param name its name
  /// @param offset in bytes
  /// @param bit 0 to 7
  public synchronized void flipUnseen(String name, long offset, int bit) {
    existing(name).flipUnseen(Math.toIntExact(offset), bit);
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
    Inode found = names.find(name);
    Inode inode = found == null ? new Inode() : found;
    inode.replace(bytes);
    names.addDurably(name, inode);
  }

  /// Gives a file another name beside the one it has, durably: as a power cut amid a rename may.
  ///
  /// @param name its name
  /// @param second the other; what had it before is gone
  public synchronized void link(String name, String second) {
    names.addDurably(second, existing(name));
  }

  private Inode existing(String name) {
    Inode inode = names.find(name);
    if (inode == null) {
      throw new IllegalArgumentException("no file " + name + " in " + names.list());
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
    faults.meet(Faults.Operation.LOCK);
    if (locked) {
      throw new WalLockedException(
          "memory is locked by this process (" + ProcessHandle.current().pid() + ")");
    }
    locked = true;
  }

  @Override
  public synchronized List<String> list() throws IOException {
    faults.meet(Faults.Operation.LIST);
    return names.list();
  }

  @Override
  public synchronized StorageFile create(String name) throws IOException {
    StorageArguments.fileName(name);
    met(Faults.Operation.CREATE, "create " + name);
    if (names.find(name) != null) {
      throw new FileAlreadyExistsException(name);
    }
    Inode inode = new Inode();
    names.add(nextSequence(), name, inode);
    openFiles++;
    return new SimulatedFile(this, name, inode, true);
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
    StorageArguments.fileName(name);
    faults.meet(Faults.Operation.OPEN);
    SimulatedFile file = new SimulatedFile(this, name, find(name), writable);
    openFiles++;
    return file;
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    StorageArguments.fileName(from);
    StorageArguments.fileName(to);
    Inode inode = find(from);
    met(Faults.Operation.RENAME, "rename " + from + " " + to);
    if (!from.equals(to)) {
      names.rename(nextSequence(), from, to, inode);
    }
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    StorageArguments.fileName(name);
    Inode inode = find(name);
    met(Faults.Operation.DELETE, "delete " + name);
    names.remove(nextSequence(), name, inode);
  }

  @Override
  public synchronized void syncDirectory() throws IOException {
    met(Faults.Operation.SYNC_DIRECTORY, "syncdir");
    names.sync();
  }

  @Override
  public synchronized long usableBytes() throws IOException {
    faults.meet(Faults.Operation.USABLE_BYTES);
    return freeBytes();
  }

  long freeBytes() {
    return capacityBytes == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public boolean uninterruptible() {
    return uninterruptible;
  }

  @Override
  public synchronized void close() {
    locked = false;
  }

  private Inode find(String name) throws IOException {
    Inode inode = names.find(name);
    if (inode == null) {
      throw new NoSuchFileException(name);
    }
    return inode;
  }

  // ---- what SimulatedFile needs, under this lock

  long nextSequence() {
    return ++sequence;
  }

  synchronized void fileClosed() {
    openFiles--;
  }

  /// {@return the file of a name, created durably if there is none}
  Inode anyInode(String name) {
    Inode found = names.find(name);
    if (found == null) {
      found = new Inode();
      names.addDurably(name, found);
    }
    return found;
  }

  /// Waits, without the lock, while syncs are held.
  void holdSync() {
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

  void wroteDown(String operation) {
    if (operations.size() == MOST_OPERATIONS) { // nobody looks at so many; a log may run wild
      operations.subList(0, MOST_OPERATIONS / 2).clear();
    }
    operations.add(operation);
  }

  /// Writes a call down, and fails it if that is planned.
  void met(Faults.Operation call, String operation) throws IOException {
    try {
      faults.meet(call);
    } catch (IOException e) {
      wroteDown(operation + " failed");
      throw e;
    }
    wroteDown(operation);
  }
}
