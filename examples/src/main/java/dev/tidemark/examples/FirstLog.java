package dev.tidemark.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;

/// Appends a record, shows all there are, and dies without closing anything. Run it again: what it
/// had acknowledged is there. The log is the directory `orders` where it is run.
public final class FirstLog {
  private FirstLog() {}

  /// Runs the example.
  ///
  /// @param args none
  /// @throws IOException if the log cannot be opened, or fails
  public static void main(String[] args) throws IOException {
    // These lines are the README's first example; a test holds the two together.
    try (Wal wal = Wal.open(Path.of("orders"), WalOptions.defaults())) {
      System.out.println(wal.recovery()); // what a crash left, and what was made of it
      wal.append("an order".getBytes(UTF_8)); // durable when it returns
      try (Cursor cursor = wal.read()) {
        while (cursor.next()) {
          System.out.println(cursor.lsn() + " " + new String(cursor.bytes(), UTF_8));
        }
      }
      Runtime.getRuntime().halt(1); // dies here: nothing is closed, nothing is flushed
    }
  }
}
