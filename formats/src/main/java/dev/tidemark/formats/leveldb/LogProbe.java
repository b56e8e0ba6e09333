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

  /// Says whose a record is.
  interface Records {
    /// {@return whether it is a record that is looked for}
    ///
    /// @param payload a whole record
    boolean owns(ByteBuffer payload);

    /// {@return whether such a record may begin so}
    ///
    /// @param beginning the first bytes of a record that is longer than what is looked at
    boolean mayBegin(ByteBuffer beginning);
  }

  /// A reader of a file as far as it goes now: somebody may go on with it, and write over zeros at
  /// its end before anything is behind them. Whoever went over them must not go further.
  static RecordReader open(Path file, DamageListener damage) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      boolean sized = Files.isRegularFile(file);
      return new LogReader(sized ? new BoundedInput(in, Files.size(file)) : in, damage);
    } catch (IOException | RuntimeException failure) {
      try (in) {
        throw failure;
      }
    }
  }

  /// {@return CONTENT if all whole records are what they should be, or there is none and the first
  /// begins like one; NAME if the first is and a later one is not, or the name fits and there is no
  /// record}
  static Likeness likeness(Path file, Predicate<Path> named, Records records) throws IOException {
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
        if (!records.owns(reader.payload())) {
          return Likeness.NONE;
        }
        while (reader.next()) {
          // RocksDB's log may begin as LevelDB's does.
          if (!records.owns(reader.payload())) {
            return Likeness.NAME;
          }
        }
        // RocksDB has more types of fragments.
        return strange[0] ? Likeness.NAME : Likeness.CONTENT;
      }
    }
    if (beginsLongRecord(beginning, records)) {
      return Likeness.CONTENT;
    }
    return named.test(file) ? Likeness.NAME : Likeness.NONE;
  }

  private static boolean beginsLongRecord(byte[] beginning, Records records) throws IOException {
    try (FragmentReader fragments =
        new FragmentReader(new ByteArrayInputStream(beginning), DamageListener.ignoring(), 0)) {
      return fragments.next() == LogLayout.FIRST && records.mayBegin(fragments.payload());
    }
  }
}
