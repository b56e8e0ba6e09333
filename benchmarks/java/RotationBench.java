import dev.tidemark.wal.Histogram;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalMetrics;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/// What a change of segments costs whoever appends: blocking durable appends from one thread while another
/// truncates what is durable, for so many seconds after as many of warming up. Prints how long the appends took, and
/// how long the changes of segments.
///
///     java -cp core/target/classes benchmarks/java/RotationBench.java DIR BYTES SECONDS SEGMENT_BYTES
final class RotationBench {
  private static volatile boolean running = true;

  /// Runs it.
  public static void main(String[] arguments) throws Exception {
    int bytes = Integer.parseInt(arguments[1]);
    double seconds = Double.parseDouble(arguments[2]);
    long segmentBytes = Long.parseLong(arguments[3]);
    WalOptions options = WalOptions.builder().segmentBytes(segmentBytes).build();
    try (Wal wal = Wal.open(Path.of(arguments[0]), options)) {
      while (wal.metrics().files().spares() < 2) {
        LockSupport.parkNanos(1_000_000); // two segments are prepared before the clock starts
      }
      Thread truncating = Thread.ofPlatform().daemon().start(() -> truncate(wal));
      append(wal, bytes, seconds);
      WalMetrics before = wal.metrics();
      long[] took = append(wal, bytes, seconds);
      print(bytes, segmentBytes, seconds, took, before, wal.metrics());
      running = false;
      truncating.join();
    }
  }

  private static void truncate(Wal wal) {
    try {
      while (running) {
        LockSupport.parkNanos(20_000_000);
        wal.truncateBefore(wal.durableLsn() + 1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Answers how long each append took, in nanoseconds, sorted.
  private static long[] append(Wal wal, int bytes, double seconds) throws IOException {
    MemorySegment payload = Arena.ofAuto().allocate(bytes);
    payload.fill((byte) 'x');
    long[] took = new long[1 << 22];
    int count = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long now = System.nanoTime(); now < end && count < took.length; ) {
      wal.append(payload);
      long after = System.nanoTime();
      took[count++] = after - now;
      now = after;
    }
    long[] all = Arrays.copyOf(took, count);
    Arrays.sort(all);
    return all;
  }

  private static void print(
      int bytes, long segmentBytes, double seconds, long[] took, WalMetrics before, WalMetrics after) {
    Histogram rotation = after.latencies().rotation();
    long rotations = rotation.count() - before.latencies().rotation().count();
    System.out.printf(
        "segments of %d MiB, %d bytes: %.0f appends/s, p50 %.0f p99 %.0f p99.9 %.0f max %.0f us;"
            + " %d rotations, each p50 %.0f p99 %.0f max %.0f us%n",
        segmentBytes >> 20,
        bytes,
        took.length / seconds,
        at(took, 0.5),
        at(took, 0.99),
        at(took, 0.999),
        took[took.length - 1] / 1e3,
        rotations,
        rotations == 0 ? 0 : rotation.percentile(50) / 1e3,
        rotations == 0 ? 0 : rotation.percentile(99) / 1e3,
        rotation.max() / 1e3);
  }

  private static double at(long[] sorted, double part) {
    return sorted[(int) (part * (sorted.length - 1))] / 1e3;
  }
}
