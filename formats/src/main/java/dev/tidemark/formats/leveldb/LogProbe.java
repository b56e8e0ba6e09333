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

  /// {@return CONTENT if the first whole record is what it should be; NAME if the name fits and no
  /// record speaks against it}
  static Likeness likeness(Path file, Predicate<Path> named, Predicate<ByteBuffer> payload)
      throws IOException {
    byte[] beginning;
    try (InputStream in = Files.newInputStream(file)) {
      beginning = in.readNBytes(PROBED_BYTES);
    }
    try (RecordReader reader =
        new LogReader(new ByteArrayInputStream(beginning), DamageListener.ignoring())) {
      if (reader.next()) {
        return payload.test(reader.payload()) ? Likeness.CONTENT : Likeness.NONE;
      }
    }
    return named.test(file) ? Likeness.NAME : Likeness.NONE;
  }
}
