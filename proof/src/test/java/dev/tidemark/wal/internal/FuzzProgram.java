package dev.tidemark.wal.internal;

import com.sun.management.ThreadMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/// What a fuzzer runs for each input it makes up, in a process of its own with little memory. The
/// property `fuzz.target` names the target.
///
/// Each execution is held to an amount of memory that follows from the size of the files it read:
/// that on the heap by what its thread allocated, that outside by what is reserved afterwards and
/// was not before.
public final class FuzzProgram {
  private static final long HEAP_BYTES = 2 << 20;
  private static final long HEAP_PER_BYTE = 64;
  // A window of up to 256 KiB for each segment, each time it is read, some of them thrice.
  private static final long OUTSIDE_BYTES = 16 << 20;
  private static final long OUTSIDE_PER_BYTE = 8;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final BufferPoolMXBean OUTSIDE =
      ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
          .filter(pool -> pool.getName().equals("direct"))
          .findFirst()
          .orElseThrow();

  // Owned by the thread that fuzzes.
  private static FuzzTarget target = FuzzTarget.LAYOUTS;
  private static long executions;
  private static long mostHeapBytes;
  private static long mostOutsideBytes;

  private FuzzProgram() {}

  /// Called by the fuzzer before the first input: the logs are written that inputs damage.
  public static void fuzzerInitialize() {
    target = FuzzTarget.valueOf(System.getProperty("fuzz.target"));
    long _ = target.run(new byte[0]);
  }

  /// Called by the fuzzer for each input.
  ///
  /// @param input what it made up
  public static void fuzzerTestOneInput(byte[] input) {
    executions++;
    Spent spent = run(target, input);
    if (spent.isTooMuch()) {
      spent = run(target, input); // classes that were loaded meanwhile do not count
    }
    mostHeapBytes = Math.max(mostHeapBytes, spent.heap);
    mostOutsideBytes = Math.max(mostOutsideBytes, spent.outside);
    if (spent.isTooMuch()) {
      throw new AssertionError("too much memory: " + spent);
    }
  }

  /// Called by the fuzzer at the end, whatever it found.
  public static void fuzzerTearDown() {
    System.out.printf(
        "%s of %s: %,d executions; most memory of one: %,d bytes on the heap, %,d outside%n",
        Fuzzing.SAYS, target, executions, mostHeapBytes, mostOutsideBytes);
    System.out.println(Fuzzing.COUNT + executions);
  }

  /// Memory that an execution took, and the files it read, all in bytes.
  record Spent(long files, long heap, long outside) {
    /// {@return whether the heap alone is too much}
    boolean isTooMuchHeap() {
      return heap > HEAP_BYTES + HEAP_PER_BYTE * files;
    }

    private boolean isTooMuch() {
      return isTooMuchHeap() || outside > OUTSIDE_BYTES + OUTSIDE_PER_BYTE * files;
    }
  }

  /// Does what one input says, and measures what it costs. Memory outside the heap is counted for
  /// the whole process.
  static Spent run(FuzzTarget target, byte[] input) {
    long heap = THREADS.getCurrentThreadAllocatedBytes();
    long outside = OUTSIDE.getMemoryUsed();
    long files = target.run(input);
    return new Spent(
        files, THREADS.getCurrentThreadAllocatedBytes() - heap, OUTSIDE.getMemoryUsed() - outside);
  }
}
