package dev.tidemark.examples.memtable;

import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;

/// Counts in a table until it is killed; started again it goes on where it was. Each number it
/// prints is durable.
public final class Counting {
  private static final long SEGMENT_BYTES = 256 << 10;
  private static final int KEYS = 1000;
  private static final int CHECKPOINT_EVERY = 2000;

  private Counting() {}

  /// Runs the example.
  ///
  /// @param args none, or up to which number it counts; it counts for ever without
  /// @throws IOException if the log fails
  public static void main(String[] args) throws IOException {
    long end = args.length == 0 ? Long.MAX_VALUE : Long.parseLong(args[0]);
    WalOptions options = WalOptions.builder().segmentBytes(SEGMENT_BYTES).build();
    try (MemTable table = MemTable.open(Path.of("counting"), options)) {
      String last = table.get("last");
      long number = last == null ? 0 : Long.parseLong(last);
      System.out.println(
          "goes on behind "
              + number
              + " with "
              + table.size()
              + " keys; "
              + table.wal().recovery());
      while (number < end) {
        number++;
        table.put("key " + number % KEYS, Long.toString(number));
        table.put("last", Long.toString(number));
        System.out.println(number);
        if (number % CHECKPOINT_EVERY == 0) {
          table.checkpoint();
        }
      }
    }
  }
}
