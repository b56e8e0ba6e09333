package dev.tidemark.formats;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What a fuzzer runs for each input it makes up, in a process of its own with little memory. The
/// property `fuzz.target` names the target.
public final class FuzzProgram {
  // The window of a decompressor of Zstandard is the largest part, 8 MiB once a frame can stand for
  // so much, then the tables of all of them, larger still with the fuzzer's agent.
  private static final long HEAP_BYTES = 16 << 20;
  private static final long HEAP_PER_BYTE = 4096;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  // Owned by the thread that fuzzes.
  private static FuzzTarget target = FuzzTarget.LEVELDB;
  private static long executions;
  private static long mostBytes;

  private FuzzProgram() {}

  /// Called by the fuzzer before the first input.
  public static void fuzzerInitialize() {
    target = FuzzTarget.valueOf(System.getProperty("fuzz.target"));
    target.run(new byte[0]);
  }

  /// Called by the fuzzer for each input.
  ///
  /// @param input what it made up
  public static void fuzzerTestOneInput(byte[] input) {
    executions++;
    long spent = spent(target, input);
    if (isTooMuch(spent, input)) {
      spent = spent(target, input); // classes that were loaded meanwhile do not count
    }
    mostBytes = Math.max(mostBytes, spent);
    if (isTooMuch(spent, input)) {
      throw new AssertionError("too much memory: " + spent + " bytes for " + input.length);
    }
  }

  /// Called by the fuzzer at the end, whatever it found.
  public static void fuzzerTearDown() {
    System.out.printf(
        "%s of %s: %,d executions; most memory of one: %,d bytes%n",
        Fuzzing.SAYS, target, executions, mostBytes);
    System.out.println(Fuzzing.COUNT + executions);
  }

  static boolean isTooMuch(long spent, byte[] input) {
    return spent > HEAP_BYTES + HEAP_PER_BYTE * input.length;
  }

  /// {@return how many bytes of the heap one input cost}
  static long spent(FuzzTarget target, byte[] input) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    target.run(input);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
