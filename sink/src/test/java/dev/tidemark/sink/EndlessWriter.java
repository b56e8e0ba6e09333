package dev.tidemark.sink;

import java.io.IOException;
import java.nio.file.Path;

/// A process that writes one file after the other until it is killed, and says each that it wrote.
final class EndlessWriter {
  static final int ROWS = 2_000;

  private EndlessWriter() {}

  static FileIdentity identity(long number) {
    long from = 1 + (number - 1) * ROWS;
    String measurement = "m" + number % 3;
    return new FileIdentity(Rows.LOG_ID, 0, "nab", measurement, from, from + ROWS - 1, 0);
  }

  public static void main(String[] args) throws IOException {
    Rows rows = Rows.three(ROWS);
    try (LocalSink sink = LocalSink.open(Path.of(args[0]))) {
      for (long number = 1; ; number++) {
        sink.write(identity(number), rows.schema(), rows);
        System.out.println(number);
      }
    }
  }
}
