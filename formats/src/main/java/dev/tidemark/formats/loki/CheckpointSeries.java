package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.nio.ByteBuffer;

/// The message of a checkpoint's record, whose labels and chunks are walked over each time that
/// they are asked for: there may be as many as the record has bytes.
///
/// A view of the record's bytes, which must not change.
final class CheckpointSeries {
  /// Takes labels.
  @FunctionalInterface
  interface Labels {
    void take(ByteBuffer name, ByteBuffer value);
  }

  /// Takes chunks.
  @FunctionalInterface
  interface Chunks {
    void take(CheckpointChunk chunk) throws FormatException;
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteBuffer message;

  // All set by the walk in `of`, and never again.
  private String user = "";
  private long fingerprint;
  private Time to = Time.EPOCH;
  private ByteBuffer lastLine = NOTHING;
  private long counter;
  private Time highest = Time.EPOCH;

  private CheckpointSeries(ByteBuffer message) {
    this.message = message;
  }

  /// {@return the message in some bytes, all of whose fields were decoded once, but not what chunks
  /// hold}
  static CheckpointSeries of(ByteBuffer message) throws FormatException {
    CheckpointSeries series = new CheckpointSeries(message);
    series.walk((name, value) -> {}, chunk -> {});
    return series;
  }

  private void walk(Labels labels, Chunks chunks) throws FormatException {
    ProtobufReader reader = new ProtobufReader(message, "a series");
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> user = RecordWalk.text(reader.bytes());
        case 2 -> fingerprint = reader.number();
        case 3 -> label(reader.bytes(), labels);
        case 4 -> chunks.take(chunk(reader.bytes()));
        case 5 -> to = reader.time();
        case 6 -> lastLine = reader.bytes();
        case 7 -> counter = reader.number();
        case 8 -> highest = reader.time();
        default -> reader.skip();
      }
    }
  }

  private static void label(ByteBuffer bytes, Labels labels) throws FormatException {
    ProtobufReader reader = new ProtobufReader(bytes, "a label");
    ByteBuffer name = NOTHING;
    ByteBuffer value = NOTHING;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> name = reader.bytes();
        case 2 -> value = reader.bytes();
        default -> reader.skip();
      }
    }
    labels.take(name, value);
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

  String user() {
    return user;
  }

  long fingerprint() {
    return fingerprint;
  }

  Time to() {
    return to;
  }

  ByteBuffer lastLine() {
    return lastLine;
  }

  long counter() {
    return counter;
  }

  Time highest() {
    return highest;
  }

  /// Shows the stream's labels.
  void labels(Labels taker) throws FormatException {
    walk(taker, chunk -> {});
  }

  /// Shows the stream's chunks.
  ///
  /// @throws FormatException as the taker does
  void chunks(Chunks taker) throws FormatException {
    walk((name, value) -> {}, taker);
  }
}
