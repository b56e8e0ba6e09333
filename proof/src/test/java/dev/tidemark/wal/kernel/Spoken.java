package dev.tidemark.wal.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/// What a program of these tests says, a line with one call to the system each, so that it is heard
/// whole or not at all, and nothing that was said is lost with the process.
final class Spoken {
  /// The last word of each line.
  static final String END = ".";

  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private Spoken() {}

  static void say(String line) {
    try {
      OUT.write((line + " " + END + "\n").getBytes(US_ASCII));
    } catch (IOException e) { // nobody listens any more
      Runtime.getRuntime().halt(4);
    }
  }

  static void acknowledged(int writer, int op, long lsn, long before) {
    long after = System.nanoTime();
    say("ack " + writer + " " + op + " " + lsn + " " + before + " " + after);
  }

  /// Ends the program because of something that must not happen.
  static void broken(Throwable e) {
    e.printStackTrace(); // the test that started this program shows it
    say("broken");
    Runtime.getRuntime().halt(3);
  }
}
