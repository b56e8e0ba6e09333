package dev.tidemark.ingest.lineprotocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Prints how fast a file of line protocol is parsed, warm, on one thread: a figure to look at, not
/// a test. Without an argument it takes the sample.
final class ParseSpeed {
  private static final int ROUNDS = 12;
  private static final long ROUND_NANOS = 500_000_000L;

  private ParseSpeed() {}

  public static void main(String[] args) throws IOException {
    byte[] body = args.length > 0 ? Files.readAllBytes(Path.of(args[0])) : RealPointsTest.sample();
    LineParser parser = new LineParser();
    long[] sum = new long[1];
    PointSink sink = p -> sum[0] += p.timeNanos() ^ p.fieldCount();
    for (int round = 0; round < ROUNDS; round++) {
      long points = 0;
      long bytes = 0;
      long start = System.nanoTime();
      long nanos;
      do {
        points += parser.parse(body, 0, body.length, Precision.NANOSECONDS, 0, sink).accepted();
        bytes += body.length;
        nanos = System.nanoTime() - start;
      } while (nanos < ROUND_NANOS);
      System.out.printf(
          "%.0f MB/s, %.2f million points/s%n", bytes * 1e3 / nanos, points * 1e3 / nanos);
    }
    System.out.println("check sum " + sum[0]);
  }
}
