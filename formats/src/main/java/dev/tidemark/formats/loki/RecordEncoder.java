package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.loki.LokiRecord.Stream;
import dev.tidemark.formats.loki.LokiRecord.StreamLines;
import java.nio.ByteBuffer;
import java.util.List;

/// Puts records together byte for byte as Loki does, entries always in version 3, which is what it
/// writes today. The counterpart of [RecordWalk]. For one thread at a time.
final class RecordEncoder {
  // Owned by the caller's thread.
  private final ByteWriter target = new ByteWriter(1024);

  /// {@return the bytes of a record, good until the next call}
  ByteBuffer encode(LokiRecord.Series record) {
    target.clear();
    target.octet(RecordLayout.SERIES);
    text(record.user());
    target.octet(RecordLayout.PROMETHEUS_SERIES);
    for (Stream stream : record.streams()) {
      target.int64BigEndian(stream.ref());
      labels(stream.labels());
    }
    return target.written();
  }

  /// {@return the bytes of a record, good until the next call}
  ///
  /// @param record whose streams without lines are left out
  ByteBuffer encode(LokiRecord.Entries record) {
    target.clear();
    target.octet(RecordLayout.ENTRIES_V3);
    text(record.user());
    boolean first = true;
    long base = 0;
    for (StreamLines stream : record.streams()) {
      if (stream.lines().isEmpty()) {
        continue;
      }
      if (first) {
        base = stream.lines().getFirst().timestampNanos();
        target.int64BigEndian(base);
        first = false;
      }
      target.int64BigEndian(stream.ref()).int64BigEndian(stream.counter());
      target.varint(stream.lines().size());
      for (LogLine line : stream.lines()) {
        target.zigZag(line.timestampNanos() - base).lengthAndBytes(line.line());
        labels(line.metadata());
      }
    }
    return target.written();
  }

  private void labels(List<Label> labels) {
    target.varint(labels.size());
    for (Label label : labels) {
      text(label.name());
      text(label.value());
    }
  }

  private void text(String text) {
    target.lengthAndBytes(UTF_8.encode(text));
  }
}
