package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/// The program that [KillTest] kills: appends from four threads and says of each record when it was
/// acknowledged.
final class KilledAppender {
  private KilledAppender() {}

  static WalOptions options(String policy) {
    SyncPolicy sync =
        switch (policy) {
          case "fsync" -> SyncPolicy.fsync();
          case "async" -> SyncPolicy.async(Duration.ofMillis(50));
          default -> SyncPolicy.fdatasync();
        };
    return WalOptions.builder().segmentBytes(64 << 10).stagingBytes(16 << 10).sync(sync).build();
  }

  /// Appends until it is killed.
  ///
  /// @param arguments directory, sync policy, round
  public static void main(String[] arguments) throws Exception {
    Wal wal = Wal.open(Path.of(arguments[0]), options(arguments[1]));
    PrintStream out = new PrintStream(System.out, false, UTF_8);
    for (int t = 0; t < 4; t++) {
      String name = arguments[2] + "-" + t;
      Runnable body = () -> append(wal, name, out);
      if (t == 0) {
        Thread.ofVirtual().start(body);
      } else {
        Thread.ofPlatform().start(body);
      }
    }
    Thread.currentThread().join(); // until it is killed
  }

  private static void append(Wal wal, String name, PrintStream out) {
    try {
      for (int i = 0; ; i++) {
        String text = text(name, i);
        long lsn = wal.append(text.getBytes(UTF_8));
        synchronized (out) {
          out.println(lsn + " " + name + " " + i);
          out.flush();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String name, int i) {
    return name + " " + i + " " + "x".repeat(i % 700);
  }
}
