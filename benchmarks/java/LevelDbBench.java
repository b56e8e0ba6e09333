import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.leveldb.LevelDb;
import dev.tidemark.leveldb.LevelDbOptions;
import dev.tidemark.leveldb.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Puts from so many threads, keys of 16 and values of 100 bytes in no order: the same loop as `bench` of
/// `leveldb/src/test/cpp/driver.cc`, through our store. Prints operations per second, after a run of the same
/// length, into another folder, that warms up.
///
///     java LevelDbBench.java DIR THREADS OPERATIONS SYNC
final class LevelDbBench {
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  /// Runs it.
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    int operations = Integer.parseInt(arguments[2]);
    WriteOptions options = new WriteOptions(arguments[3].equals("1"));
    run(directory.resolve("warm"), threads, operations, options);
    System.gc();
    double rate = run(directory.resolve("measured"), threads, operations, options);
    System.out.printf("%.0f%n", rate);
  }

  private static double run(Path directory, int threads, int operations, WriteOptions options)
      throws IOException, InterruptedException {
    try (LevelDb db = LevelDb.open(directory, LevelDbOptions.defaults())) {
      byte[] value = new byte[100];
      for (int i = 0; i < value.length; i++) {
        value[i] = (byte) mix(i);
      }
      Thread[] all = new Thread[threads];
      long begin = System.nanoTime();
      for (int t = 0; t < threads; t++) {
        int first = t;
        all[t] = Thread.ofPlatform().start(() -> fill(db, first, threads, operations, value, options));
      }
      for (Thread thread : all) {
        thread.join();
      }
      return operations / ((System.nanoTime() - begin) / 1e9);
    } finally {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void fill(
      LevelDb db, int first, int step, int operations, byte[] value, WriteOptions options) {
    byte[] key = new byte[16];
    try {
      for (int i = first; i < operations; i += step) {
        long mixed = mix(i);
        for (int at = 15; at >= 0; at--) {
          key[at] = HEX[(int) mixed & 15];
          mixed >>>= 4;
        }
        db.put(key, value, options);
      }
    } catch (IOException e) {
      System.err.println(e);
      Runtime.getRuntime().halt(1); // a rate without some of its writes is none
    }
  }

  private static long mix(long number) {
    long x = number + 0x9e3779b97f4a7c15L;
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
