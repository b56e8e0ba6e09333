package dev.tidemark.testkit.disk;

import dev.tidemark.testkit.disk.Crash.Fate;
import dev.tidemark.testkit.disk.Crash.Fill;
import dev.tidemark.testkit.disk.Crash.Tear;
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
  private final BitSet forgottenPages = new BitSet(); // that the cache has and the disk does not

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
    return cache.read(offset, target);
  }

  void write(long sequence, long offset, byte[] bytes) {
    int from = Math.toIntExact(offset);
    int to = from + bytes.length;
    cache.write(from, bytes, 0, bytes.length);
    int first = from / PAGE;
    int last = (to - 1) / PAGE;
    if (bytes.length == 0 || forgottenPages.get(first, last + 1).isEmpty()) {
      unsynced.add(new Write(sequence, from, bytes));
      return;
    }
    // The cache writes whole pages: what it had forgotten to write before goes with it.
    forgottenPages.clear(first, last + 1);
    int begin = Math.min(from, first * PAGE);
    unsynced.add(new Write(sequence, begin, cache.bytes(begin, (last + 1) * PAGE)));
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

  /// What kernels do after a failed sync: reads go on showing what will never reach the disk.
  void forgetUnsynced(long sequence) {
    forget(write -> write.sequence <= sequence);
  }

  private void forget(Predicate<Write> which) {
    for (Write write : unsynced) {
      if (which.test(write) && !write.isCut()) {
        int end = write.offset + write.bytes.length;
        forgottenPages.set(write.offset / PAGE, (end - 1) / PAGE + 1);
      }
    }
    unsynced.removeIf(which);
  }

  /// The same for every second of them.
  void forgetHalf(long sequence) {
    forget(write -> write.sequence <= sequence && write.sequence % 2 == 0);
  }

  /// What other kernels do: reads show again what is on the disk.
  void dropUnsynced(long sequence) {
    unsynced.removeIf(write -> write.sequence <= sequence);
    forgottenPages.clear();
    cache = disk.copy();
    for (Write write : unsynced) {
      put(cache, write);
    }
  }

  /// Lets reads see what is on the disk. What is not synced stays, and the rest with it.
  boolean forgetCached() {
    if (unsynced.isEmpty()) {
      cache = disk.copy();
      forgottenPages.clear();
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
      left.forgottenPages.or(forgottenPages);
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
  // there
  // cannot lose it, nor what lies beside it in the same sector.
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
