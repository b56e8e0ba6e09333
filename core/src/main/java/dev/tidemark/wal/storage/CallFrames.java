package dev.tidemark.wal.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// The places where system calls leave their `errno`: one per call in progress.
///
/// A call needs its own until it has read the number back, and must not allocate one. A thread
/// local would cost one for each of a million virtual threads; one per file would need a lock. So
/// there are 64 for the whole process, a cache line each and never freed, and a word with a bit for
/// each free one: taking and giving back is one compare-and-set, little beside a system call. A
/// 65th call at the same moment gets a frame of its own from the garbage collector, rather than
/// wait for a disk.
///
/// Safe for use by any number of threads. A frame belongs to its taker until it is given back.
final class CallFrames {
  private static final int COUNT = Long.SIZE;
  private static final long FRAME_BYTES = 64;

  private final MemorySegment all = Arena.global().allocate(COUNT * FRAME_BYTES, FRAME_BYTES);
  private final MemorySegment[] frames = new MemorySegment[COUNT];

  /// A set bit for each frame that nobody has.
  private final AtomicLong free = new AtomicLong(-1L);

  CallFrames() {
    assert Linker.Option.captureStateLayout().byteSize() <= FRAME_BYTES;
    for (int i = 0; i < COUNT; i++) {
      frames[i] = all.asSlice(i * FRAME_BYTES, FRAME_BYTES);
    }
  }

  MemorySegment take() {
    while (true) {
      long before = free.get();
      if (before == 0) {
        return Arena.ofAuto().allocate(FRAME_BYTES, FRAME_BYTES);
      }
      int index = Long.numberOfTrailingZeros(before);
      if (free.compareAndSet(before, before & ~(1L << index))) {
        return frames[index];
      }
    }
  }

  void giveBack(MemorySegment frame) {
    long distance = frame.address() - all.address();
    if (distance < 0 || distance >= all.byteSize()) {
      return; // made for one call
    }
    long bit = 1L << (distance / FRAME_BYTES);
    long before;
    do {
      before = free.get();
      assert (before & bit) == 0 : "given back twice";
    } while (!free.compareAndSet(before, before | bit));
  }

  /// {@return how many frames nobody has}
  int freeCount() {
    return Long.bitCount(free.get());
  }
}
