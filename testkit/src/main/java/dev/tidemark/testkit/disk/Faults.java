package dev.tidemark.testkit.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What goes wrong in a [SimulatedDisk], and when. Safe for use by any number of threads.
public final class Faults {

  /// The kinds of calls that can be made to fail.
  public enum Operation {
    READ,
    WRITE,
    TRUNCATE,
    SYNC,
    CREATE,
    OPEN,
    RENAME,
    DELETE,
    SYNC_DIRECTORY,
    LOCK,
    LIST,
    SIZE,
    USABLE_BYTES,
    FORGET_CACHED,
    /// The file is closed all the same.
    CLOSE
  }

  /// What becomes of the writes that a failed sync of a file was to make durable. Which file system
  /// does what: Rebello et al., "Can Applications Recover from fsync Failures?", 2020.
  ///
  /// Not among them: a sync that reports success and the next one fails, as ext4 does it where it
  /// journals data, too. No log survives that.
  public enum AfterFailedSync {
    /// They stay, and the next sync makes them durable: what programs like to believe.
    KEPT,
    /// Reads go on showing them, the next sync succeeds and does nothing: ext4, XFS. A later write
    /// to the same page of 4 KiB takes all of the page with it.
    FORGOTTEN,
    /// Every second one is forgotten, as when one of two requests to the disk failed.
    HALF_FORGOTTEN,
    /// As [#FORGOTTEN], but a later write takes no more with it than the blocks of 512 bytes it
    /// touches: where the kernel knows of each block of a page whether it is clean (XFS on Linux
    /// 6.6 and later, ext4 with blocks smaller than pages).
    FORGOTTEN_BY_BLOCK,
    /// Reads go on showing them for a while ([#evictAfter]), and then what was there before: pages
    /// that are taken for clean are thrown out of memory when there is need of it. A write before
    /// that takes all of its page with it, one after it mixes with what was there before.
    EVICTED,
    /// Reads show at once what was there before, the next sync succeeds: Btrfs. A later write to
    /// the same page mixes with it.
    DROPPED
  }

  /// What a write does in place of, or beside, what it was told to; it reports success.
  ///
  /// @param name the file that gets the bytes, null for the one that was meant
  /// @param shift how many bytes further on
  /// @param instead whether nothing is written where it was meant to be
  record Astray(@Nullable String name, long shift, boolean instead) {}

  /// A write that fails after a part of its bytes.
  record Torn(int keptBytes, IOException error) {}

  private record Plan(
      Operation operation, long number, boolean forEver, int keptBytes, IOException error) {}

  // All below is guarded by this.
  private final List<Plan> plans = new ArrayList<>();
  private final Map<Operation, Long> counts = new EnumMap<>(Operation.class);
  private final Map<Long, Astray> astray = new HashMap<>();
  private final Map<Long, Long> flips = new HashMap<>();
  private final Map<Operation, Runnable> before = new EnumMap<>(Operation.class);
  private AfterFailedSync afterFailedSync = AfterFailedSync.KEPT;
  private int readsUntilEvicted = 1;

  Faults() {}

  // ---- calls that fail

  /// Makes one call fail, without effect.
  ///
  /// @param operation of which kind
  /// @param n the how manieth from now on, from 1
  /// @param error what it throws
  public synchronized void fail(Operation operation, int n, IOException error) {
    plans.add(new Plan(operation, count(operation) + n, false, 0, error));
  }

  /// Makes one call and all after it fail, without effect.
  ///
  /// @param operation of which kind
  /// @param n the how manieth from now on, from 1
  /// @param error what they throw
  public synchronized void failForEver(Operation operation, int n, IOException error) {
    plans.add(new Plan(operation, count(operation) + n, true, 0, error));
  }

  /// Makes a write fail after a part of its bytes.
  ///
  /// @param n the how manieth write from now on, from 1
  /// @param keptBytes how many bytes are written
  /// @param error what it throws
  public synchronized void tear(int n, int keptBytes, IOException error) {
    plans.add(new Plan(Operation.WRITE, count(Operation.WRITE) + n, false, keptBytes, error));
  }

  /// Says what becomes of the writes that a failed sync was to make durable.
  ///
  /// @param what becomes of them
  public synchronized void afterFailedSync(AfterFailedSync what) {
    afterFailedSync = what;
  }

  /// Says how long what is [AfterFailedSync#EVICTED] is shown.
  ///
  /// @param reads how many reads of the same file after the failed sync show it; 1 at first
  public synchronized void evictAfter(int reads) {
    readsUntilEvicted = reads;
  }

  /// Lets failed syncs forget the writes they were to make durable: reads go on showing them, a
  /// later sync succeeds, and a power cut loses them.
  public void failedSyncsForget() {
    afterFailedSync(AfterFailedSync.FORGOTTEN);
  }

  // ---- calls that lie

  /// Lets a write go to another place, and report success.
  ///
  /// @param n the how manieth write from now on, from 1
  /// @param name the file that gets it, created if need be; null for the one that was meant
  /// @param shift how many bytes further on; negative for before
  public synchronized void misdirect(int n, @Nullable String name, long shift) {
    astray.put(count(Operation.WRITE) + n, new Astray(name, shift, true));
  }

  /// Lets a write go to its own place and to another one.
  ///
  /// @param n the how manieth write from now on, from 1
  /// @param name the other file, created if need be; null for the one that was meant
  /// @param shift how many bytes further on; negative for before
  public synchronized void doubleWrite(int n, @Nullable String name, long shift) {
    astray.put(count(Operation.WRITE) + n, new Astray(name, shift, false));
  }

  /// Flips a bit of what is written, on its way to the disk: reads see it, too.
  ///
  /// @param n the how manieth write from now on, from 1
  /// @param bit which, counted from the first of the write; beyond the last begins again
  public synchronized void flipWritten(int n, long bit) {
    flips.put(count(Operation.WRITE) + n, bit);
  }

  // ---- calls that take their time

  /// Runs something before each write or each sync of a file, outside the disk's lock: a slow sync
  /// is one that lets time pass here.
  ///
  /// @param operation [Operation#WRITE] or [Operation#SYNC]; nothing is run before others
  /// @param what on the calling thread; may use this disk
  public synchronized void before(Operation operation, Runnable what) {
    before.put(operation, what);
  }

  /// {@return how many calls of a kind there were}
  ///
  /// @param operation of which kind
  public synchronized long met(Operation operation) {
    return count(operation);
  }

  /// Forgets all plans.
  public synchronized void clear() {
    plans.clear();
    astray.clear();
    flips.clear();
    before.clear();
    afterFailedSync = AfterFailedSync.KEPT;
  }

  // ---- what the disk asks

  synchronized AfterFailedSync afterFailedSync() {
    return afterFailedSync;
  }

  synchronized int readsUntilEvicted() {
    return readsUntilEvicted;
  }

  /// Lets time pass before a call; not under the disk's lock.
  void delay(Operation operation) {
    Runnable first;
    synchronized (this) {
      first = before.get(operation);
    }
    if (first != null) {
      first.run();
    }
  }

  /// Counts a call and fails it if that is planned.
  synchronized void meet(Operation operation) throws IOException {
    Plan plan = next(operation);
    if (plan != null) {
      throw plan.error;
    }
  }

  /// Counts a write.
  ///
  /// @return null if it succeeds
  synchronized @Nullable Torn meetWrite() {
    Plan plan = next(Operation.WRITE);
    return plan == null ? null : new Torn(plan.keptBytes, plan.error);
  }

  /// {@return where the write that was counted last goes, null if to its own place alone}
  synchronized @Nullable Astray astray() {
    return astray.remove(count(Operation.WRITE));
  }

  /// Flips the bit of the write that was counted last.
  synchronized void flip(byte[] bytes) {
    Long bit = flips.remove(count(Operation.WRITE));
    if (bit != null && bytes.length > 0) {
      int at = (int) (bit / 8 % bytes.length);
      bytes[at] ^= (byte) (1 << (bit % 8));
    }
  }

  private @Nullable Plan next(Operation operation) {
    long number = counts.merge(operation, 1L, Long::sum);
    for (Plan plan : plans) {
      if (plan.operation == operation
          && (plan.number == number || (plan.forEver && plan.number <= number))) {
        return plan;
      }
    }
    return null;
  }

  private long count(Operation operation) {
    return counts.getOrDefault(operation, 0L);
  }
}
