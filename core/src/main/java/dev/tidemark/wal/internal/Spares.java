package dev.tidemark.wal.internal;

import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Keeps prepared segments ready, and hands them out in the order of their numbers. Safe for use by
/// several threads; what it does by itself it does on the [FileThread].
final class Spares implements FileThread.Chore {
  /// One to go on with, and the reserve: so many are prepared.
  static final int WANTED = 2;

  /// So many are kept if removed segments can become spares.
  static final int KEPT = 4;

  private static final long RETRY_NANOS = 500_000_000;
  private static final long POLL_NANOS = 100_000_000;

  /// A segment ready for use: a file without headers.
  ///
  /// @param recycled whether it may hold bytes of an earlier life; if not, it is all zeros
  record Spare(long number, long fileBytes, boolean recycled) {
    /// {@return the flags of the header it gets}
    int flags() {
      return recycled ? SegmentHeader.RECYCLED : 0;
    }
  }

  private final Host host;
  private final Storage storage;
  private final Space space;
  private final FileThread files;
  private final long segmentBytes;

  private final List<Spare> ready = new ArrayList<>(); // guarded by this; numbers ascend
  private long nextNumber; // guarded by this
  private boolean renumbering; // guarded by this
  private long passed; // guarded by this; the largest number that was activated past the spares
  private @Nullable IOException refusal; // guarded by this
  private final List<Thread> takers = new CopyOnWriteArrayList<>(); // who wait for a spare
  private volatile boolean resting; // set by the file thread
  private @Nullable Preparation preparation; // owned by the file thread
  private long retryAtNanos; // owned by the file thread

  /// @param found spares that are there already, by ascending number
  /// @param nextNumber no file of this number or above exists
  Spares(
      Host host,
      Storage storage,
      Space space,
      FileThread files,
      long segmentBytes,
      List<Spare> found,
      long nextNumber) {
    this.host = host;
    this.storage = storage;
    this.space = space;
    this.files = files;
    this.segmentBytes = segmentBytes;
    this.nextNumber = nextNumber;
    ready.addAll(found);
    space.spares(ready.size(), null);
  }

  // ---- any thread

  /// {@return how many are ready}
  synchronized int count() {
    return ready.size();
  }

  /// {@return what those that are ready take on disk}
  synchronized long bytes() {
    long bytes = 0;
    for (Spare spare : ready) {
      bytes += spare.fileBytes();
    }
    return bytes;
  }

  /// {@return a number for a file that will be the one with the largest}
  synchronized long claimNumber() {
    return nextNumber++;
  }

  /// Lets a spare that is being prepared go on without a rest: somebody waits for it.
  void hurry() {
    if (resting) {
      files.wake();
    }
  }

  /// Takes the oldest spare, waiting for one that is being prepared.
  ///
  /// @param reserveToo whether the last one may be taken: for what was admitted already
  /// @throws WalFullException if there is none and none can be prepared
  Spare take(boolean reserveToo) throws WalFullException {
    Thread self = Thread.currentThread();
    boolean interrupted = false;
    takers.add(self); // before it looks: whoever makes one from here on wakes it
    try {
      while (true) {
        Spare spare = tryTake(reserveToo ? 1 : 2);
        if (spare != null) {
          return spare;
        }
        // Every wait ends: the file thread goes on, or fails with a reason, or the log is closed.
        hurry();
        host.park(this, POLL_NANOS);
        interrupted |= Thread.interrupted();
      }
    } finally {
      takers.remove(self);
      if (interrupted) {
        self.interrupt();
      }
    }
  }

  private synchronized @Nullable Spare tryTake(int least) throws WalFullException {
    if (renumbering || ready.size() < least) {
      IOException reason = refusal;
      if (files.isClosed() || (reason != null && !renumbering)) {
        throw new WalFullException(
            "no segment could be prepared" + (reason == null ? "" : ": " + reason.getMessage()),
            reason == null ? new IOException("closing") : reason);
      }
      return null;
    }
    Spare spare = ready.removeFirst();
    space.took(ready.isEmpty());
    space.spares(ready.size(), refusal);
    files.wake();
    return spare;
  }

  private void wakeTakers() {
    takers.forEach(host::unpark);
  }

  /// {@return whether the next open will find a spare, or space for one}
  synchronized boolean isAnotherPossible() {
    try {
      return !ready.isEmpty() || (refusal == null && storage.usableBytes() >= segmentBytes);
    } catch (IOException _) {
      return false; // nobody knows
    }
  }

  /// Adds a file that is ready; its number is the largest there is.
  synchronized void add(Spare spare) {
    ready.add(spare);
    if (spare.number() < passed) { // while it got its name, a segment above it was activated
      renumbering = true;
      files.later(this::renumber);
    }
    changed(null);
  }

  private synchronized void changed(@Nullable IOException reason) {
    refusal = reason;
    space.spares(ready.size(), reason);
    wakeTakers();
  }

  /// {@return whether a removed segment can be of use as a spare}
  synchronized boolean wantsMore() {
    return ready.size() < KEPT && !files.isClosed();
  }

  // ---- spares that were passed over

  /// Gives new numbers to spares below an activated segment: numbers of activated segments ascend.
  void renumberBelow(long activated) {
    synchronized (this) {
      passed = Math.max(passed, activated);
      if (ready.stream().noneMatch(spare -> spare.number() < activated)) {
        return;
      }
      renumbering = true;
    }
    files.later(this::renumber);
  }

  private void renumber() throws IOException {
    List<Spare> old;
    synchronized (this) {
      old = List.copyOf(ready);
    }
    List<Spare> renamed = new ArrayList<>();
    try {
      for (Spare spare : old) {
        long number = claimNumber();
        storage.rename(SegmentHeader.fileName(spare.number()), SegmentHeader.fileName(number));
        renamed.add(new Spare(number, spare.fileBytes(), spare.recycled()));
      }
      storage.syncDirectory();
    } catch (IOException | RuntimeException e) {
      renamed.clear(); // none whose name may be gone after a power cut is ever activated
      throw e;
    } finally {
      synchronized (this) {
        ready.clear();
        ready.addAll(renamed);
        renumbering = false;
        changed(refusal);
      }
    }
  }

  // ---- the file thread

  /// Says that files were removed: what was refused may succeed now.
  void spaceMayBeFree() {
    retryAtNanos = host.nanoTime();
  }

  @Override
  public long step() {
    Preparation current = preparation;
    if (current != null && count() >= WANTED) {
      abandon(new IOException("removed segments serve as well"));
      return 0;
    }
    if (current == null && !isDue()) {
      return count() >= WANTED ? Long.MAX_VALUE : Math.max(1, retryAtNanos - host.nanoTime());
    }
    try {
      if (current == null) {
        preparation = begin();
        return 0;
      }
      long rest = restNanos(current);
      if (rest > 0) {
        return rest;
      }
      if (!current.isWritten()) {
        current.step();
        return 0;
      }
      Spare spare = current.finish(numberFor(current));
      preparation = null;
      add(spare);
    } catch (IOException e) {
      refuse(e);
    } catch (Throwable e) {
      refuse(new IOException(e));
    }
    return 0;
  }

  // None while somebody waits for the spare. Whoever begins to wait looks at `resting` afterwards,
  // this sets it before it looks: one of the two sees the other.
  private long restNanos(Preparation current) {
    resting = true;
    long rest = !takers.isEmpty() || space.isWaitedFor() ? 0 : current.restNanos();
    resting = rest > 0;
    return rest;
  }

  private synchronized boolean isDue() {
    return ready.size() < WANTED && (refusal == null || host.nanoTime() - retryAtNanos >= 0);
  }

  private Preparation begin() throws IOException {
    long usable = storage.usableBytes();
    if (usable < segmentBytes) {
      throw new StorageFullException(
          storage.description()
              + ": a segment takes "
              + segmentBytes
              + " bytes and "
              + usable
              + " are free");
    }
    return new Preparation(host, storage, claimNumber(), segmentBytes);
  }

  // Another if files got numbers meanwhile: they are handed out in the order of their numbers.
  private synchronized long numberFor(Preparation made) {
    return made.number() + 1 == nextNumber ? made.number() : nextNumber++;
  }

  private void refuse(IOException reason) {
    abandon(reason);
    retryAtNanos = host.nanoTime() + RETRY_NANOS;
    changed(reason);
  }

  private void abandon(IOException reason) {
    Preparation begun = preparation;
    preparation = null;
    if (begun != null) {
      begun.abandon(reason);
    }
  }

  @Override
  public void stop() {
    abandon(new IOException("closing"));
    wakeTakers();
  }
}
