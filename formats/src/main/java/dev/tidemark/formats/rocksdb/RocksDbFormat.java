package dev.tidemark.formats.rocksdb;

import static java.util.Comparator.comparingLong;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.leveldb.BatchHeader;
import dev.tidemark.formats.leveldb.FileName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// RocksDB's log of write batches, in files `000004.log`. Without state.
///
/// A log is told from LevelDB's, whose bytes it may equal, by fragments with log numbers,
/// compression and other things LevelDB has not, by operations LevelDB has not, or by the files
/// `IDENTITY` and `OPTIONS-…` beside it. Without any of these it is said to be LevelDB's, which
/// shows the same.
public final class RocksDbFormat implements LogFormat {
  /// The one there is.
  public RocksDbFormat() {}

  @Override
  public String name() {
    return "rocksdb";
  }

  @Override
  public String rule() {
    return "RocksDB, by default (point-in-time recovery), applies a log up to its first damage or a record"
        + " that is cut short, and of the logs behind it only one that begins with the very next"
        + " sequence number.";
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    return Files.isDirectory(path) ? WalProbe.ofDirectory(path) : WalProbe.ofFile(path);
  }

  /// The files of a directory are all logs in it, in the order of their numbers, also those that
  /// RocksDB no longer needs and has not removed yet.
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> FileName.isLog(file) && Files.isRegularFile(file))
          .sorted(comparingLong(FileName::number))
          .toList();
    }
  }

  /// {@inheritDoc}
  ///
  /// As the system: under RocksDB's default mode, each file as if nothing was missing before it;
  /// [LogReplay] knows what becomes of several.
  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    OptionalLong number =
        FileName.isLog(file) ? OptionalLong.of(FileName.number(file)) : OptionalLong.empty();
    InputStream in = Files.newInputStream(file);
    return switch (reading) {
      case AS_THE_SYSTEM ->
          new RecoveredLog(in, number, RecoveryMode.POINT_IN_TIME_RECOVERY, damage);
      case ALL_THAT_IS_WHOLE -> LogReader.allThatIsWhole(in, number, damage);
    };
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
      batch.describe(sink);
      sink.endObject();
    }
    sink.endArray();
  }
}
