package dev.tidemark.formats.leveldb;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.RecordReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/// Looks at the beginning of a log file.
final class LogProbe {
  private static final int PROBED_BYTES = 512 * 1024;

  private LogProbe() {}

  static RecordReader open(Path file, DamageListener damage) throws IOException {
    return new LogReader(Files.newInputStream(file), damage);
  }

  /// {@return CONTENT if all whole records are what they should be; NAME if the first is and a
  /// later one is not, or the name fits and there is no record}
  static Likeness likeness(Path file, Predicate<Path> named, Predicate<ByteBuffer> payload)
      throws IOException {
    byte[] beginning;
    try (InputStream in = Files.newInputStream(file)) {
      beginning = in.readNBytes(PROBED_BYTES);
    }
    boolean[] strange = {false};
    try (RecordReader reader =
        new LogReader(
            new ByteArrayInputStream(beginning),
            damage -> strange[0] |= damage.reason().startsWith("unknown record type"))) {
      if (reader.next()) {
        if (!payload.test(reader.payload())) {
          return Likeness.NONE;
        }
        while (reader.next()) {
          // RocksDB's log may begin as LevelDB's does.
          if (!payload.test(reader.payload())) {
            return Likeness.NAME;
          }
        }
        // RocksDB has more types of fragments.
        return strange[0] ? Likeness.NAME : Likeness.CONTENT;
      }
    }
    return named.test(file) ? Likeness.NAME : Likeness.NONE;
  }
}
