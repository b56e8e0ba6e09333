package dev.tidemark.formats.loki;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.SequenceRange;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentDirectory;
import dev.tidemark.formats.prometheus.SegmentProbe;
import dev.tidemark.formats.prometheus.SegmentReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The write-ahead log of Loki's ingesters: segments of Prometheus's format with records of Loki's,
/// and checkpoints. Without state.
public final class LokiFormat implements LogFormat {
  private static final String WAL = "wal";

  /// The one there is.
  public LokiFormat() {}

  @Override
  public String name() {
    return "loki";
  }

  @Override
  public String rule() {
    return "Loki stops at the first damage of a segment without a word and applies nothing behind it,"
        + " nor any later segment, which its next checkpoint deletes; a whole record that it cannot"
        + " decode it counts and passes over.";
  }

  /// {@inheritDoc}
  ///
  /// What cannot be decoded is passed over, and so is a record without bytes; everything else ends
  /// Loki's walk. It takes all segments of the log for one stream, and all of the checkpoint for
  /// another.
  @Override
  public Reach reach(Path file, Damage damage) {
    boolean goesOn =
        damage.kind() == Damage.Kind.CORRUPTION || SegmentReader.isSilentEverywhere(damage);
    return goesOn ? Reach.FILE : Reach.DIRECTORY;
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    return SegmentProbe.likeness(path, new Records());
  }

  /// {@inheritDoc}
  ///
  /// The segments of the last checkpoint come first, then all others, also those that the
  /// checkpoint covers: Loki drops what it has seen by the counters of the streams. A directory
  /// without segments and with a directory `wal` inside is taken for the one around the log.
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    SegmentDirectory directory = SegmentDirectory.of(path, WAL);
    List<Path> files = new ArrayList<>();
    if (directory.checkpoint().isPresent()) {
      files.addAll(SegmentDirectory.of(directory.checkpoint().get().directory()).files());
    }
    files.addAll(directory.files());
    return List.copyOf(files);
  }

  /// {@inheritDoc}
  ///
  /// A segment is one of a checkpoint if its directory is named as one: Loki takes other records
  /// from those than from its log.
  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    InputStream segment = Files.newInputStream(file);
    return SegmentDirectory.isOfCheckpoint(file)
        ? LogReader.ofCheckpoint(segment, reading, damage)
        : LogReader.of(segment, reading, damage);
  }

  /// {@return nothing: counters are each stream's own}
  ///
  /// @param payload not looked at
  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return Optional.empty();
  }

  /// {@inheritDoc}
  ///
  /// `type` is `series`, `entries` or `checkpoint`, `user` the tenant. Then `series` with `ref` and
  /// `labels`; or `version` and `entries` by stream, with `ref`, `counter` and `entries` of `ts`,
  /// `line` and `metadata`; or of a checkpoint its `fingerprint`, `labels`, and `chunks` with
  /// `lines` of `ts`, `line` and `metadata`. All times are nanoseconds since 1970.
  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    RecordDescriber.describe(payload, sink);
  }

  /// Tells records of Loki from those of Prometheus, which begin with the same small numbers. In
  /// Loki's the length of a tenant's name follows, which is never 0, or the tag of the first field;
  /// in Prometheus's a ref, whose first byte is 0.
  private static final class Records implements SegmentProbe.Owner {
    @Override
    public boolean owns(ByteBuffer payload) {
      try {
        return !RecordCheck.of(payload).user().isEmpty();
      } catch (FormatException other) {
        return false;
      }
    }

    @Override
    public boolean mayBegin(ByteBuffer stored, SegmentCompression compression) {
      int at = stored.position();
      return compression == SegmentCompression.NONE
          && stored.get(at) >= RecordLayout.SERIES
          && stored.get(at) <= RecordLayout.ENTRIES_V3
          && stored.remaining() > 1
          && stored.get(at + 1) != 0;
    }
  }
}
