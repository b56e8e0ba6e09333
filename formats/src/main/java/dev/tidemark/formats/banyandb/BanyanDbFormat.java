package dev.tidemark.formats.banyandb;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// BanyanDB's log, as version 0.5.0 wrote it: the only release that had one. A record is an entry,
/// see [LogReader]. Safe for any number of threads.
public final class BanyanDbFormat implements LogFormat {
  private static final Pattern NAME = Pattern.compile("seg([0-9a-fA-F]{16})\\.wal");
  private static final int LOOK_BYTES = 128 << 10;
  private static final int LOOK_FILES = 4;

  /// The format, which has no settings.
  public BanyanDbFormat() {}

  /// {@return the name of a segment's file}
  ///
  /// @param id the segment's number, without a sign; the system's first is 1
  public static String fileName(long id) {
    return "seg%016x.wal".formatted(id);
  }

  @Override
  public String name() {
    return "banyandb";
  }

  @Override
  public String rule() {
    return "Nothing has a checksum: of a batch that was cut the whole entries are used, of one whose"
        + " length is beyond the file nothing, both without a word; whatever else does not fit"
        + " makes version 0.5.0 refuse to start, or panic, and wrong bits that fit are used.";
  }

  /// {@inheritDoc}
  ///
  /// Corruption keeps it from starting: nothing of any file is applied then.
  @Override
  public Reach reach(Path file, Damage damage) {
    return damage.kind() == Damage.Kind.CORRUPTION ? Reach.LOG : Reach.FILE;
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    Likeness best = Likeness.NONE;
    List<Path> files = Files.isDirectory(path) ? files(path) : List.of(path);
    for (Path file : files.subList(0, Math.min(LOOK_FILES, files.size()))) {
      Likeness likeness = likenessOf(file);
      best = likeness.compareTo(best) > 0 ? likeness : best;
    }
    return best;
  }

  private static Likeness likenessOf(Path file) throws IOException {
    byte[] beginning;
    try (InputStream bytes = Files.newInputStream(file)) {
      beginning = bytes.readNBytes(LOOK_BYTES);
    }
    // Whether the first entry is whole, and not longer than its batch.
    boolean[] complains = new boolean[1];
    DamageListener listener = (Damage _) -> complains[0] = true;
    try (LogReader reader =
        new LogReader(
            new ByteArrayInputStream(beginning),
            beginning.length,
            Reading.ALL_THAT_IS_WHOLE,
            listener)) {
      if (reader.next() && !complains[0] && reader.entry().count() > 0) {
        return Likeness.CONTENT;
      }
    }
    return isSegment(file) ? Likeness.NAME : Likeness.NONE;
  }

  /// The segments of a directory by their numbers; other files are left out. (The system refuses to
  /// start if there are any.)
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> isSegment(file) && Files.isRegularFile(file))
          .sorted(
              Comparator.comparing(BanyanDbFormat::id, Long::compareUnsigned)
                  .thenComparing(Comparator.naturalOrder()))
          .toList();
    }
  }

  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    long bytes = Files.size(file);
    return new LogReader(Files.newInputStream(file), bytes, reading, damage);
  }

  /// {@return nothing: entries carry no numbers}
  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return Optional.empty();
  }

  /// `series` in bytes, `count`, `timestamps` in nanoseconds since 1970, `values` in bytes.
  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    LogEntry entry = LogEntry.decode(payload);
    sink.name("series");
    sink.bytes(entry.series());
    sink.name("count");
    sink.number(entry.count());
    sink.name("timestamps");
    sink.beginArray();
    for (int i = 0; i < entry.count(); i++) {
      sink.number(entry.timestampNanos(i));
    }
    sink.endArray();
    sink.name("values");
    sink.beginArray();
    for (int i = 0; i < entry.count(); i++) {
      sink.bytes(entry.value(i));
    }
    sink.endArray();
  }

  private static boolean isSegment(Path file) {
    return NAME.matcher(file.getFileName().toString()).matches();
  }

  private static long id(Path file) {
    return Long.parseUnsignedLong(file.getFileName().toString().substring(3, 19), 16);
  }
}
