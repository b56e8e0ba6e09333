package dev.tidemark.sink;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// Measures how fast files of 50,000 rows and 3 columns are written, syncs included.
///
/// Run with the test class path: `java -cp … dev.tidemark.sink.WriteRate DIRECTORY FILES`, on an
/// empty directory of the disk to be measured.
final class WriteRate {
  private static final int ROWS = 50_000;
  private static final int WARM_UP_FILES = 20;

  private WriteRate() {}

  public static void main(String[] args) throws IOException {
    int files = Integer.parseInt(args[1]);
    Rows rows = Rows.three(ROWS);
    long[] nanos = new long[files];
    long bytes = 0;
    try (LocalSink sink = LocalSink.open(Path.of(args[0]))) {
      for (int i = -WARM_UP_FILES; i < files; i++) {
        long from = i + WARM_UP_FILES + 1L;
        FileIdentity id = new FileIdentity(Rows.LOG_ID, 0, "nab", "cpu", from, from, 0);
        long start = System.nanoTime();
        Stored stored = sink.write(id, rows.schema(), rows);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - start;
          bytes = stored.bytes();
        }
      }
    }
    Arrays.sort(nanos);
    double total = Arrays.stream(nanos).sum() / 1e9;
    System.out.printf(
        "%,.0f rows/s; a file of %,d bytes takes %.1f ms (median), %.1f ms (longest of %d)%n",
        files * (double) ROWS / total,
        bytes,
        nanos[files / 2] / 1e6,
        nanos[files - 1] / 1e6,
        files);
  }
}
