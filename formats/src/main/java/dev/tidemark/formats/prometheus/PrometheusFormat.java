package dev.tidemark.formats.prometheus;

import dev.tidemark.formats.Damage;
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

/// Prometheus's write-ahead log: of the server, in `wal` of its data directory, of its samples out
/// of order, in `wbl`, and of the agent. Without state.
public final class PrometheusFormat implements LogFormat {
  static final String WAL = "wal";

  /// The one there is.
  public PrometheusFormat() {}

  @Override
  public String name() {
    return "prometheus";
  }

  @Override
  public String rule() {
    return "Prometheus stops at the first damage, torn tails included, and applies nothing behind it,"
        + " nor any later segment: when it starts it removes those and cuts the damaged one there.";
  }

  /// {@inheritDoc}
  ///
  /// Each segment of the log is opened by itself, those of a checkpoint are one stream: what is
  /// silent at the end of the log's would be an error within a checkpoint.
  @Override
  public Reach reach(Path file, Damage damage) {
    boolean silent =
        damage.kind() == Damage.Kind.OVERLOOKED
            || SegmentReader.isSilentEverywhere(damage)
            || (SegmentReader.isSilent(damage)
                && (!SegmentDirectory.isOfCheckpoint(file) || !SegmentDirectory.hasNext(file)));
    return silent ? Reach.FILE : Reach.LOG;
  }

  @Override
  public Likeness likeness(Path path) throws IOException {
    return SegmentProbe.likeness(path, new Records());
  }

  /// {@inheritDoc}
  ///
  /// The segments of the last checkpoint come first, then those that it does not replace. A
  /// directory without segments and with a directory `wal` inside is taken for a data directory;
  /// its `wbl` is a log of its own.
  @Override
  public List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    return SegmentDirectory.of(path, WAL).replayed();
  }

  /// {@inheritDoc}
  ///
  /// A record that is whole and cannot be decoded is corruption to Prometheus; with
  /// [Reading#ALL_THAT_IS_WHOLE] it is told of and shown all the same.
  @Override
  public RecordReader open(Path file, Reading reading, DamageListener damage) throws IOException {
    return DecodedReader.open(file, reading, damage);
  }

  /// {@return nothing: records of Prometheus have no numbers}
  ///
  /// @param payload not looked at
  @Override
  public Optional<SequenceRange> sequences(ByteBuffer payload) {
    return Optional.empty();
  }

  /// {@inheritDoc}
  ///
  /// `type` is one of the words of [RecordType], or "unknown". What follows is an array of objects
  /// with the `ref` of their series: `series` with `labels`, `samples` with `t` and `v` (and
  /// `start` where the type has it), `tombstones`, `exemplars`, `markers`, `metadata`,
  /// `histograms`.
  @Override
  public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    RecordDescriber.describe(payload, sink);
  }

  /// Tells records of Prometheus from those of Loki, which begin with the same small numbers.
  private static final class Records implements SegmentProbe.Owner {
    @Override
    public boolean owns(ByteBuffer payload) {
      try {
        return RecordWalk.of(payload, new RecordTaker() {}).isPresent() && maySay(payload);
      } catch (FormatException other) {
        return false;
      }
    }

    @Override
    public boolean mayBegin(ByteBuffer stored, SegmentCompression compression) {
      return compression != SegmentCompression.NONE // which Loki never does
          || (RecordType.of(stored.get(stored.position()) & 0xff).isPresent() && maySay(stored));
    }

    // In the types that Loki has too, a ref follows; refs are counted from 1, so that its first
    // byte is 0. In Loki's it is the length of a tenant's name or the tag of a field.
    private static boolean maySay(ByteBuffer payload) {
      int at = payload.position();
      return payload.get(at) > RecordType.MMAP_MARKERS.code()
          || payload.remaining() == 1
          || payload.get(at + 1) == 0;
    }
  }
}
