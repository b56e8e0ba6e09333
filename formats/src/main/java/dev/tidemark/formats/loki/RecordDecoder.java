package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.ByteReader;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Stream;
import dev.tidemark.formats.loki.LokiRecord.StreamLines;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Takes records apart, as [RecordLayout] has them. The counterpart of [RecordEncoder].
final class RecordDecoder {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final boolean keeps;

  private RecordDecoder(boolean keeps) {
    this.keeps = keeps;
  }

  static LokiRecord decode(ByteBuffer payload) throws FormatException {
    return new RecordDecoder(true).record(payload);
  }

  /// Sees whether Loki would take all of a record, its chunks too, and keeps nothing of it: what is
  /// decoded takes up to some forty times as much memory as the record itself.
  ///
  /// @return the record without anything in its lists
  static LokiRecord check(ByteBuffer payload) throws FormatException {
    return new RecordDecoder(false).record(payload);
  }

  private LokiRecord record(ByteBuffer payload) throws FormatException {
    ByteReader reader = ByteReader.of(payload);
    int type = reader.octet("a record's type");
    return switch (type) {
      case RecordLayout.SERIES -> series(reader);
      case RecordLayout.ENTRIES_V1 -> entries(reader, 1);
      case RecordLayout.ENTRIES_V2 -> entries(reader, 2);
      case RecordLayout.ENTRIES_V3 -> entries(reader, 3);
      case RecordLayout.CHECKPOINT ->
          checkpoint(reader.bytes(reader.remaining(), "a checkpoint's series"));
      default -> throw new FormatException("unknown record type " + type, 0);
    };
  }

  private LokiRecord series(ByteReader reader) throws FormatException {
    String user = text(reader.lengthAndBytes("a user"));
    int type = reader.octet("a series record's type");
    if (type != RecordLayout.PROMETHEUS_SERIES) {
      throw reader.wrong("a series record of type " + type);
    }
    List<Stream> streams = new ArrayList<>();
    while (reader.hasRemaining()) {
      keep(streams, new Stream(reader.int64BigEndian("a stream's ref"), labels(reader)));
    }
    return new LokiRecord.Series(user, streams);
  }

  private LokiRecord entries(ByteReader reader, int version) throws FormatException {
    String user = text(reader.lengthAndBytes("a user"));
    List<StreamLines> streams = new ArrayList<>();
    if (reader.hasRemaining()) {
      long base = reader.int64BigEndian("the first entry's time");
      while (reader.hasRemaining()) {
        long ref = reader.int64BigEndian("a stream's ref");
        long counter = version >= 2 ? reader.int64BigEndian("a stream's counter") : 0;
        long count = reader.varint64("a count of entries");
        List<LogLine> lines = new ArrayList<>();
        // Without a sign; each takes bytes, so that no more are read than there are.
        for (long i = 0; i != count; i++) {
          long timestamp = base + reader.zigZag64("an entry's time");
          ByteBuffer line = reader.lengthAndBytes("a line");
          keep(lines, new LogLine(timestamp, line, version >= 3 ? labels(reader) : List.of()));
        }
        keep(streams, new StreamLines(ref, counter, lines));
      }
    }
    return new LokiRecord.Entries(version, user, streams);
  }

  private List<Label> labels(ByteReader reader) throws FormatException {
    long count = reader.varint64("a count of labels");
    if (count == 0) {
      return List.of();
    }
    List<Label> labels = new ArrayList<>();
    for (long i = 0; i != count; i++) {
      ByteBuffer name = reader.lengthAndBytes("a label's name");
      ByteBuffer value = reader.lengthAndBytes("a label's value");
      if (keeps) {
        labels.add(new Label(text(name), text(value)));
      }
    }
    return labels;
  }

  private LokiRecord checkpoint(ByteBuffer bytes) throws FormatException {
    ProtobufReader reader = new ProtobufReader(bytes, "a series");
    String user = "";
    long fingerprint = 0;
    List<Label> labels = new ArrayList<>();
    List<CheckpointChunk> chunks = new ArrayList<>();
    Time to = Time.EPOCH;
    ByteBuffer lastLine = NOTHING;
    long counter = 0;
    Time highest = Time.EPOCH;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> user = text(reader.bytes());
        case 2 -> fingerprint = reader.number();
        case 3 -> keep(labels, label(reader.bytes()));
        case 4 -> chunk(chunks, reader.bytes());
        case 5 -> to = reader.time();
        case 6 -> lastLine = reader.bytes();
        case 7 -> counter = reader.number();
        case 8 -> highest = reader.time();
        default -> reader.skip();
      }
    }
    return new LokiRecord.Checkpoint(
        user, fingerprint, labels, chunks, to, lastLine, counter, highest);
  }

  private <T> void keep(List<T> items, T item) {
    if (keeps) {
      items.add(item);
    }
  }

  private void chunk(List<CheckpointChunk> chunks, ByteBuffer bytes) throws FormatException {
    CheckpointChunk chunk = chunk(bytes);
    keep(chunks, chunk);
    if (!keeps) {
      MemChunk _ = MemChunk.decode(chunk);
    }
  }

  private static Label label(ByteBuffer bytes) throws FormatException {
    ProtobufReader reader = new ProtobufReader(bytes, "a label");
    String name = "";
    String value = "";
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> name = text(reader.bytes());
        case 2 -> value = text(reader.bytes());
        default -> reader.skip();
      }
    }
    return new Label(name, value);
  }

  private static CheckpointChunk chunk(ByteBuffer bytes) throws FormatException {
    ProtobufReader reader = new ProtobufReader(bytes, "a chunk");
    Time[] times = {Time.EPOCH, Time.EPOCH, Time.EPOCH, Time.EPOCH};
    boolean closed = false;
    boolean synced = false;
    ByteBuffer data = NOTHING;
    ByteBuffer head = NOTHING;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1, 2, 3, 4 -> times[field - 1] = reader.time();
        case 5 -> closed = reader.number() != 0;
        case 6 -> synced = reader.number() != 0;
        case 7 -> data = reader.bytes();
        case 8 -> head = reader.bytes();
        default -> reader.skip();
      }
    }
    return new CheckpointChunk(times[0], times[1], times[2], times[3], closed, synced, data, head);
  }

  /// {@return bytes as a text; what is no UTF-8 in it becomes U+FFFD}
  static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
