import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/// Blocking appends from so many threads for so many seconds, after as many seconds of warming up: the same
/// loop as `lone_writer.c` and `group_commit.c`, through the log. Prints one line in the same form.
///
///     java -cp core/target/classes benchmarks/java/AppendBench.java DIR BYTES SECONDS THREADS [virtual|async]
final class AppendBench {
  private static volatile boolean running = true;

  /// Runs it.
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int bytes = Integer.parseInt(arguments[1]);
    double seconds = Double.parseDouble(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    String kind = arguments.length > 4 ? arguments[4] : "platform";
    SyncPolicy sync =
        kind.equals("async") ? SyncPolicy.async(Duration.ofMillis(100)) : SyncPolicy.fdatasync();
    try (Wal wal = Wal.open(directory, WalOptions.builder().sync(sync).build())) {
      run(wal, bytes, seconds, threads, kind, false);
      run(wal, bytes, seconds, threads, kind, true);
    }
  }

  private static void run(
      Wal wal, int bytes, double seconds, int threads, String kind, boolean report)
      throws Exception {
    running = true;
    long[][] samples = new long[threads][1 << 20];
    int[] counts = new int[threads];
    long[] allocated = new long[threads];
    Thread[] started = new Thread[threads];
    WalMetrics before = wal.metrics();
    long begun = System.nanoTime();
    for (int t = 0; t < threads; t++) {
      int own = t;
      Runnable body = () -> append(wal, bytes, samples[own], counts, allocated, own);
      started[t] =
          kind.equals("virtual") ? Thread.ofVirtual().start(body) : Thread.ofPlatform().start(body);
    }
    Thread.sleep((long) (seconds * 1000));
    running = false;
    for (Thread thread : started) {
      thread.join();
    }
    double took = (System.nanoTime() - begun) / 1e9;
    WalMetrics after = wal.metrics();
    wal.truncateBefore(wal.durableLsn() + 1);
    if (report) {
      print(bytes, threads, kind, samples, counts, allocated, took, before, after);
    }
  }

  private static void append(
      Wal wal, int bytes, long[] samples, int[] counts, long[] allocated, int own) {
    MemorySegment payload = Arena.ofAuto().allocate(bytes);
    payload.fill((byte) 'x');
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int count = 0;
    try {
      while (running) {
        long begun = System.nanoTime();
        wal.append(payload);
        samples[count++ & samples.length - 1] = System.nanoTime() - begun;
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    allocated[own] = threads.getCurrentThreadAllocatedBytes() - before;
    counts[own] = count;
  }

  private static void print(
      int bytes,
      int threads,
      String kind,
      long[][] samples,
      int[] counts,
      long[] allocated,
      double took,
      WalMetrics before,
      WalMetrics after) {
    long total = Arrays.stream(counts).asLongStream().sum();
    long[] all =
        java.util.stream.IntStream.range(0, threads)
            .mapToObj(t -> Arrays.copyOf(samples[t], Math.min(counts[t], samples[t].length)))
            .flatMapToLong(Arrays::stream)
            .sorted()
            .toArray();
    System.out.printf(
        "tidemark %d bytes, %d %s threads: %.0f appends/s, p50 %.1f p99 %.1f max %.1f us,"
            + " %.2f syncs/append, %.2f B allocated/append, %d rotations%n",
        bytes,
        threads,
        kind,
        total / took,
        all[all.length / 2] / 1e3,
        all[(int) (all.length * 0.99)] / 1e3,
        all[all.length - 1] / 1e3,
        (after.latencies().sync().count() - before.latencies().sync().count()) / (double) total,
        Arrays.stream(allocated).sum() / (double) total,
        after.latencies().rotation().count() - before.latencies().rotation().count());
  }
}
