package dev.tidemark.testkit.disk;

import dev.tidemark.testkit.disk.Crash.Fate;
import dev.tidemark.testkit.disk.Crash.Fill;
import dev.tidemark.testkit.disk.Crash.Tear;
import dev.tidemark.testkit.disk.Faults.AfterFailedSync;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/// One file of a [SimulatedDisk], whatever its name: what reads see, what a power cut leaves, and
/// the writes between the two. Guarded by the disk.
///
/// Copies share their bytes until one of them changes.
final class Inode {
  private static final int PAGE = 4096; // of the cache
  private static final int BLOCK =
      512; // the smallest of which a cache may know whether it is clean

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(long sequence, int offset, byte[] bytes) {
    // A write of nothing: the file ends at its offset from then on.
    boolean isCut() {
      return bytes.length == 0;
    }
  }

  private Image cache = new Image();
  private Image disk = new Image();
  private final List<Write> unsynced = new ArrayList<>();
  private final BitSet forgotten = new BitSet(); // blocks the cache has, the disk does not
  private boolean forgottenByBlock; // or by page: what the next write takes with it
  private long readsUntilEvicted = Long.MAX_VALUE; // of a file of which something is forgotten

  int size() {
    return cache.size();
  }

  /// {@return the sequence number of its last write that is not synced, 0 if there is none}
  long lastSequence() {
    return unsynced.isEmpty() ? 0 : unsynced.getLast().sequence;
  }

  byte[] seen() {
    return cache.bytes();
  }

  byte[] durable() {
    return disk.bytes();
  }

  long durableHash() {
    return disk.hash();
  }

  void pending(List<Pending> all, String name) {
    for (Write write : unsynced) {
      all.add(new Pending(write.sequence, name, write.offset, write.bytes.length));
    }
  }

  int read(long offset, MemorySegment target) {
    int count = cache.read(offset, target);
    if (!forgotten.isEmpty() && --readsUntilEvicted == 0) {
      evict();
    }
    return count;
  }

  void write(long sequence, long offset, byte[] bytes) {
    int from = Math.toIntExact(offset);
    int to = from + bytes.length;
    cache.write(from, bytes, 0, bytes.length);
    int unit = forgottenByBlock ? BLOCK : PAGE;
    int begin = from / unit * unit;
    int end = (to + unit - 1) / unit * unit;
    if (forgotten.get(begin / BLOCK, end / BLOCK).isEmpty()) {
      unsynced.add(new Write(sequence, from, bytes));
      return;
    }
    // The cache writes whole pages, or blocks: what it had forgotten to write before goes with it.
    forgotten.clear(begin / BLOCK, end / BLOCK);
    unsynced.add(new Write(sequence, begin, cache.bytes(begin, end)));
  }

  /// Cuts the file.
  void cut(long sequence, long bytes) {
    cache.cut(Math.toIntExact(bytes));
    unsynced.add(new Write(sequence, (int) bytes, new byte[0]));
  }

  /// Makes durable the writes up to and with a sequence number.
  void sync(long sequence) {
    for (Iterator<Write> writes = unsynced.iterator(); writes.hasNext(); ) {
      Write write = writes.next();
      if (write.sequence <= sequence) {
        toDisk(write);
        writes.remove();
      }
    }
  }

  /// Does what kernels do after a failed sync.
  ///
  /// @param sequence the last write that it was to make durable
  /// @param readsUntilEvicted how many more reads show what was forgotten, if it is evicted
  void syncFailed(AfterFailedSync what, long sequence, int readsUntilEvicted) {
    Predicate<Write> covered = write -> write.sequence <= sequence;
    switch (what) {
      case KEPT -> {}
      case FORGOTTEN -> forget(covered, false, Long.MAX_VALUE);
      case FORGOTTEN_BY_BLOCK -> forget(covered, true, Long.MAX_VALUE);
      case HALF_FORGOTTEN ->
          forget(covered.and(write -> write.sequence % 2 == 0), false, Long.MAX_VALUE);
      case EVICTED -> forget(covered, false, readsUntilEvicted);
      case DROPPED -> {
        unsynced.removeIf(covered);
        evict();
      }
    }
  }

  // Reads go on showing what will never reach the disk.
  private void forget(Predicate<Write> which, boolean byBlock, long readsUntilEvicted) {
    for (Write write : unsynced) {
      if (which.test(write) && !write.isCut()) {
        int end = write.offset + write.bytes.length;
        forgotten.set(write.offset / BLOCK, (end - 1) / BLOCK + 1);
      }
    }
    unsynced.removeIf(which);
    forgottenByBlock = byBlock;
    this.readsUntilEvicted = readsUntilEvicted;
  }

  // Reads show again what is on the disk, and what is not synced yet.
  private void evict() {
    forgotten.clear();
    cache = disk.copy();
    for (Write write : unsynced) {
      put(cache, write);
    }
  }

  /// Lets reads see what is on the disk. What is not synced stays, and the rest with it.
  boolean forgetCached() {
    if (unsynced.isEmpty()) {
      evict();
    }
    return true;
  }

  /// {@return what a crash leaves}
  ///
  /// @param fates what becomes of the operation with a sequence number
  Inode after(Crash crash, LongFunction<Fate> fates) {
    Inode left = new Inode();
    left.disk = disk.copy();
    if (!crash.isPowerCut()) {
      left.cache = cache.copy();
      left.unsynced.addAll(unsynced);
      left.forgotten.or(forgotten);
      left.forgottenByBlock = forgottenByBlock;
      left.readsUntilEvicted = readsUntilEvicted;
      return left;
    }
    for (Write write : unsynced) {
      left.arrive(write, fates.apply(write.sequence));
    }
    left.cache = left.disk.copy();
    return left;
  }

  private void arrive(Write write, Fate fate) {
    if (fate.isTorn() && !write.isCut()) {
      tear(write, fate);
    } else if (fate.kept()) {
      toDisk(write);
    } else if (!write.isCut()) {
      // What was there before stays; only a file that was to grow may have done so.
      int from = Math.max(write.offset, disk.size());
      fill(write, from, write.offset + write.bytes.length, fate);
    }
  }

  // A piece may be missing anywhere, or all but the beginning.
  private void tear(Write write, Fate fate) {
    int end = write.offset + write.bytes.length;
    if (fate.tear() == Tear.BYTES) {
      int kept = fate.random().nextInt(write.bytes.length);
      disk.write(write.offset, write.bytes, 0, kept);
      fill(write, write.offset + kept, end, fate);
      return;
    }
    int unit = fate.tear().bytes;
    for (int at = write.offset; at < end; ) {
      int to = Math.min(end, at - at % unit + unit);
      if (fate.random().nextBoolean()) {
        disk.write(at, write.bytes, at - write.offset, to - at);
      } else {
        fill(write, at, to, fate);
      }
      at = to;
    }
  }

  // Bytes that the write would not have changed keep their value: whoever writes again what is
  // there cannot lose it, nor what lies beside it in the same sector.
  private void fill(Write write, int from, int to, Fate fate) {
    if (to <= from || fate.fill() == Fill.OLD) {
      return;
    }
    byte[] bytes = new byte[to - from];
    if (fate.fill() == Fill.GARBAGE) {
      fate.random().nextBytes(bytes);
    }
    byte[] before = disk.bytes(from, to);
    for (int i = 0; i < before.length; i++) {
      if (before[i] == write.bytes[from - write.offset + i]) {
        bytes[i] = before[i];
      }
    }
    disk.write(from, bytes, 0, bytes.length);
  }

  void flip(int offset, int bit) {
    if (offset < 0 || offset >= cache.size()) {
      throw new IllegalArgumentException("offset " + offset + " of " + cache.size() + " bytes");
    }
    cache.flip(offset, bit);
    if (offset < disk.size()) {
      disk.flip(offset, bit);
    }
  }

  /// Flips a bit on the disk that reads do not see as long as the cache is not forgotten.
  void flipUnseen(int offset, int bit) {
    disk.flip(offset, bit);
  }

  /// Puts other bytes in place, durably.
  void replace(byte[] bytes) {
    disk = new Image();
    disk.write(0, bytes, 0, bytes.length);
    cache = disk.copy();
    unsynced.clear();
  }

  private void toDisk(Write write) {
    put(disk, write);
  }

  private static void put(Image image, Write write) {
    if (write.isCut()) {
      image.cut(Math.min(image.size(), write.offset));
    } else {
      image.write(write.offset, write.bytes, 0, write.bytes.length);
    }
  }
}
