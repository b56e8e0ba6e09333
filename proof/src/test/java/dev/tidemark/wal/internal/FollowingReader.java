package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/// The program that reads in [FollowerProcessTest], from the first record on, and says how far it
/// has come.
///
/// Out: `at LSN` now and then, `gap FROM TO` for LSNs that never came, `done COUNT`. In: `until
/// LSN`.
final class FollowingReader {
  private static volatile long untilLsn = Long.MAX_VALUE; // set once, by whoever listens

  private FollowingReader() {}

  /// Reads up to the LSN it is told.
  ///
  /// @param arguments directory
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    Thread.ofPlatform().daemon().start(FollowingReader::listen);
    long last = 0;
    long count = 0;
    boolean batchEnds = true;
    try (WalReader reader = Wal.openReadOnly(Path.of(arguments[0]));
        Cursor cursor = reader.read(1)) {
      while (last < untilLsn) {
        if (!cursor.next(Duration.ofMillis(10))) {
          if (!batchEnds) {
            throw new AssertionError("a batch is shown up to LSN " + last);
          }
          out.println("at " + last);
          continue;
        }
        if (cursor.lsn() <= last) {
          throw new AssertionError("LSN " + cursor.lsn() + " behind " + last);
        }
        if (cursor.lsn() > last + 1) {
          out.println("gap " + (last + 1) + " " + (cursor.lsn() - 1));
        }
        last = cursor.lsn();
        batchEnds = FollowedWriter.check(last, cursor.bytes());
        if (++count % 50 == 0) {
          out.println("at " + last);
        }
      }
    }
    out.println("done " + count);
  }

  private static void listen() {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      String line = in.readLine();
      untilLsn = line == null ? 0 : Long.parseLong(line.split(" ", -1)[1]);
    } catch (java.io.IOException e) {
      e.printStackTrace(); // the test that started this program shows it
      Runtime.getRuntime().halt(3);
    }
  }
}
