package dev.tidemark.formats.leveldb;

import static java.util.Comparator.comparingLong;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// LevelDB's log of write batches, in files `000003.log`. Without state.
public final class LevelDbFormat implements LogFormat {
  private static final LogProbe.Records BATCHES =
      new LogProbe.Records() {
        @Override
        public boolean owns(ByteBuffer payload) {
          return isBatch(payload);
        }

        @Override
        public boolean mayBegin(ByteBuffer beginning) {
          OptionalInt tag = BatchHeader.firstTag(beginning);
          return tag.isPresent()
              && (tag.getAsInt() == BatchLayout.PUT || tag.getAsInt() == BatchLayout.DELETE);
        }
      };

  /// The one there is.
  public LevelDbFormat() {}

  @Override
  public String name() {
    return "leveldb";
  }

  @Override
  public String rule() {
    return "LevelDB drops a damaged block from the damage on and goes on with the next one"
        + " (paranoid_checks refuses to open instead); a record that the end of the file cuts short is"
        + " ignored.";
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return LogDirectory.likeness(path);
    }
    Likeness likeness = LogProbe.likeness(path, FileName::isLog, BATCHES);
    Path directory = path.toAbsolutePath().getParent();
    boolean rocksDb = directory != null && RocksDbTraces.in(directory);
    return likeness == Likeness.CONTENT && rocksDb ? Likeness.NAME : likeness;
  }

  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    LogDirectory directory = LogDirectory.read(path);
    return directory.logs().stream()
        .filter(file -> directory.replays(FileName.number(file)))
        .sorted(comparingLong(FileName::number))
        .toList();
  }

  /// {@inheritDoc}
  ///
  /// Both readings show the same: LevelDB itself goes on behind damage.
  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    return LogProbe.open(file, damage);
  }

  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return BatchHeader.sequences(payload);
  }

  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    BatchReader batch = BatchReader.of(payload);
    batch.header().describe(sink);
    sink.name("operations");
    sink.beginArray();
    while (batch.next()) {
      sink.beginObject();
      sink.name("op");
      sink.text(batch.operation() == BatchReader.Operation.PUT ? "put" : "delete");
      sink.name("key");
      sink.bytes(batch.key());
      if (batch.operation() == BatchReader.Operation.PUT) {
        sink.name("value");
        sink.bytes(batch.value());
      }
      sink.endObject();
    }
    sink.endArray();
  }

  private static boolean isBatch(ByteBuffer payload) {
    try {
      BatchReader batch = BatchReader.of(payload);
      while (batch.next()) {
        // Each operation is held to the rules.
      }
      return true;
    } catch (FormatException noBatch) {
      return false;
    }
  }
}
