package dev.tidemark.formats.loki;

import static dev.tidemark.formats.loki.RecordWalk.text;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Stream;
import dev.tidemark.formats.loki.LokiRecord.StreamLines;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Makes objects of a record, all of them at once.
final class RecordDecoder implements RecordTaker {
  // All owned by the caller's thread. What has begun and not ended.
  private int version;
  private String user = "";
  private long ref;
  private long counter;
  private long timestamp;
  private ByteBuffer line = ByteBuffer.allocate(0);
  private List<Label> labels = new ArrayList<>();
  private List<LogLine> lines = new ArrayList<>();

  // What has ended.
  private final List<Stream> series = new ArrayList<>();
  private final List<StreamLines> entries = new ArrayList<>();
  private LokiRecord record = new LokiRecord.Series("", List.of());

  private RecordDecoder() {}

  static LokiRecord decode(ByteBuffer payload) throws FormatException {
    RecordDecoder decoder = new RecordDecoder();
    RecordWalk.of(payload, decoder);
    return decoder.record;
  }

  @Override
  public void series(String of) {
    user = of;
    record = new LokiRecord.Series(user, series);
  }

  @Override
  public void entries(int encoding, String of) {
    version = encoding;
    user = of;
    record = new LokiRecord.Entries(version, user, entries);
  }

  @Override
  public void stream(long fingerprint, long count) {
    ref = fingerprint;
    counter = count;
  }

  @Override
  public void line(long timestampNanos, ByteBuffer bytes) {
    timestamp = timestampNanos;
    line = bytes;
  }

  @Override
  public void label(ByteBuffer name, ByteBuffer value) {
    labels.add(new Label(text(name), text(value)));
  }

  @Override
  public void endLine() {
    lines.add(new LogLine(timestamp, line, taken()));
  }

  @Override
  public void endStream() {
    if (version == 0) {
      series.add(new Stream(ref, taken()));
    } else {
      entries.add(new StreamLines(ref, counter, lines));
      lines = new ArrayList<>();
    }
  }

  private List<Label> taken() {
    if (labels.isEmpty()) {
      return List.of();
    }
    List<Label> taken = labels;
    labels = new ArrayList<>();
    return taken;
  }

  @Override
  public void checkpoint(CheckpointSeries message) throws FormatException {
    List<CheckpointChunk> chunks = new ArrayList<>();
    message.labels(this::label);
    message.chunks(chunks::add);
    record =
        new LokiRecord.Checkpoint(
            message.user(),
            message.fingerprint(),
            labels,
            chunks,
            message.to(),
            message.lastLine(),
            message.counter(),
            message.highest());
  }
}
