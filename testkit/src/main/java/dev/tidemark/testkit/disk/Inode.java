package dev.tidemark.testkit.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/// One file of a [SimulatedDisk], whatever its name: what reads see, what a power cut leaves, and
/// the writes between the two. Guarded by the storage.
final class Inode {
  static final int SECTOR_BYTES = 512;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(long sequence, int offset, byte[] bytes) {
    // A write of nothing: the file ends at its offset from then on.
    boolean isCut() {
      return bytes.length == 0;
    }
  }

  private byte[] cache = new byte[0];
  private int cacheBytes;
  private byte[] disk = new byte[0];
  private int diskBytes;
  private final List<Write> unsynced = new ArrayList<>();
  private long lastSequence;

  int size() {
    return cacheBytes;
  }

  long lastSequence() {
    return lastSequence;
  }

  byte[] seen() {
    return Arrays.copyOf(cache, cacheBytes);
  }

  byte[] durable() {
    return Arrays.copyOf(disk, diskBytes);
  }

  int read(long offset, byte[] target) {
    if (offset >= cacheBytes) {
      return 0;
    }
    int bytes = (int) Math.min(target.length, cacheBytes - offset);
    System.arraycopy(cache, (int) offset, target, 0, bytes);
    return bytes;
  }

  void write(long offset, byte[] bytes) {
    toCache(Math.toIntExact(offset), bytes, 0, bytes.length);
    unsynced.add(new Write(++lastSequence, (int) offset, bytes));
  }

  /// Cuts the file.
  void cut(long bytes) {
    cacheBytes = Math.toIntExact(bytes);
    Arrays.fill(cache, cacheBytes, cache.length, (byte) 0);
    unsynced.add(new Write(++lastSequence, cacheBytes, new byte[0]));
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

  /// What some kernels do after a failed sync: reads go on showing what will never reach the disk.
  void forgetUnsynced(long sequence) {
    unsynced.removeIf(write -> write.sequence <= sequence);
  }

  /// Lets reads see what is on the disk. What is not synced stays, and the rest with it.
  boolean forgetCached() {
    if (unsynced.isEmpty()) {
      cache = durable();
      cacheBytes = diskBytes;
    }
    return true;
  }

  Inode after(Crash crash) {
    Inode copy = new Inode();
    copy.disk = durable();
    copy.diskBytes = diskBytes;
    if (!crash.isPowerCut()) {
      copy.cache = seen();
      copy.cacheBytes = cacheBytes;
      copy.unsynced.addAll(unsynced);
      copy.lastSequence = lastSequence;
      return copy;
    }
    for (Write write : unsynced) {
      switch (crash.fate()) {
        case KEPT -> copy.toDisk(write);
        case TORN -> copy.tear(write, crash);
        case LOST -> {}
      }
    }
    copy.cache = copy.durable();
    copy.cacheBytes = copy.diskBytes;
    return copy;
  }

  private void tear(Write write, Crash crash) {
    for (int from = 0; from < write.bytes.length; ) {
      int inSector = SECTOR_BYTES - (write.offset + from) % SECTOR_BYTES;
      int bytes = Math.min(inSector, write.bytes.length - from);
      if (crash.keepsSector()) {
        toDisk(write.offset + from, write.bytes, from, bytes);
      }
      from += bytes;
    }
  }

  void flip(int offset, int bit) {
    cache[checked(offset)] ^= (byte) (1 << bit);
    if (offset < diskBytes) {
      disk[offset] ^= (byte) (1 << bit);
    }
  }

  /// Flips a bit on the disk that reads do not see as long as the cache is not forgotten.
  void flipUnseen(int offset, int bit) {
    disk[offset] ^= (byte) (1 << bit);
  }

  private int checked(int offset) {
    if (offset < 0 || offset >= cacheBytes) {
      throw new IllegalArgumentException("offset " + offset + " of " + cacheBytes + " bytes");
    }
    return offset;
  }

  /// Puts other bytes in place, durably.
  void replace(byte[] bytes) {
    cache = bytes.clone();
    cacheBytes = bytes.length;
    disk = bytes.clone();
    diskBytes = bytes.length;
    unsynced.clear();
  }

  private void toCache(int offset, byte[] bytes, int from, int length) {
    cache = grown(cache, offset + length);
    System.arraycopy(bytes, from, cache, offset, length);
    cacheBytes = Math.max(cacheBytes, offset + length);
  }

  private void toDisk(Write write) {
    if (write.isCut()) {
      diskBytes = Math.min(diskBytes, write.offset);
      Arrays.fill(disk, diskBytes, disk.length, (byte) 0);
    } else {
      toDisk(write.offset, write.bytes, 0, write.bytes.length);
    }
  }

  private void toDisk(int offset, byte[] bytes, int from, int length) {
    disk = grown(disk, offset + length);
    System.arraycopy(bytes, from, disk, offset, length);
    diskBytes = Math.max(diskBytes, offset + length);
  }

  private static byte[] grown(byte[] array, int bytes) {
    return bytes <= array.length
        ? array
        : Arrays.copyOf(array, Math.max(bytes, (int) Math.min(1 << 30, array.length * 2L)));
  }
}
