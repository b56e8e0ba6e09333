package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;

/// Shows records to users while they are walked over. For one thread at a time.
final class RecordDescriber implements RecordTaker {
  private final ValueSink sink;

  // Both owned by the caller's thread. Of entries; 0 for others.
  private int version;
  private boolean metadata; // whether lines have any

  private RecordDescriber(ValueSink sink) {
    this.sink = sink;
  }

  static void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
    RecordDescriber describer = new RecordDescriber(sink);
    RecordWalk.of(payload, describer);
    describer.end(payload.get(payload.position()));
  }

  // Of a record that was walked over to its end.
  private void end(int type) {
    if (type != RecordLayout.CHECKPOINT) {
      sink.endArray();
    }
  }

  @Override
  public void series(String user) {
    text("type", "series");
    text("user", user);
    beginArray("series");
  }

  @Override
  public void entries(int encoding, String user) {
    version = encoding;
    metadata = version >= 3;
    text("type", "entries");
    number("version", version);
    text("user", user);
    beginArray("entries");
  }

  @Override
  public void stream(long ref, long counter) {
    sink.beginObject();
    unsigned("ref", ref);
    if (version >= 2) {
      number("counter", counter);
    }
    if (version == 0) {
      beginObject("labels");
    } else {
      beginArray("entries");
    }
  }

  @Override
  public void line(long timestampNanos, ByteBuffer line) {
    sink.beginObject();
    number("ts", timestampNanos);
    bytesOrText("line", line);
    if (metadata) {
      beginObject("metadata");
    }
  }

  @Override
  public void label(ByteBuffer name, ByteBuffer value) {
    text(RecordWalk.text(name), RecordWalk.text(value));
  }

  @Override
  public void endLine() {
    if (metadata) {
      sink.endObject();
    }
    sink.endObject();
  }

  @Override
  public void endStream() {
    if (version == 0) {
      sink.endObject();
    } else {
      sink.endArray();
    }
    sink.endObject();
  }

  // ---- checkpoints

  @Override
  public void checkpoint(CheckpointSeries series) throws FormatException {
    text("type", "checkpoint");
    text("user", series.user());
    unsigned("fingerprint", series.fingerprint());
    beginObject("labels");
    series.labels(this::label);
    sink.endObject();
    UnpackedBytes unpacked = new UnpackedBytes();
    beginArray("chunks");
    series.chunks(
        chunk -> {
          sink.beginObject();
          chunk(chunk, unpacked);
          sink.endObject();
        });
    sink.endArray();
    time("to", series.to());
    bytesOrText("lastLine", series.lastLine());
    number("counter", series.counter());
    time("highest", series.highest());
  }

  private void chunk(CheckpointChunk chunk, UnpackedBytes unpacked) throws FormatException {
    MemChunk content = MemChunk.decode(chunk);
    time("from", chunk.from());
    time("to", chunk.to());
    time("flushed", chunk.flushed());
    time("updated", chunk.updated());
    sink.name("closed");
    sink.bool(chunk.closed());
    sink.name("synced");
    sink.bool(chunk.synced());
    number("format", content.format());
    text("codec", content.codec());
    if (content.damagedBlocks() > 0) {
      beginArray("damagedBlocks");
      content.namedDamage().forEach(sink::text);
      sink.endArray();
    }
    beginArray("lines");
    metadata = content.format() >= ChunkLayout.FORMAT_WITH_SYMBOLS;
    content.lines(unpacked, this);
    sink.endArray();
  }

  // ---- values

  /// A line is a text, or bytes under another name if it is no UTF-8.
  private void bytesOrText(String name, ByteBuffer line) {
    if (RecordWalk.isText(line)) {
      text(name, RecordWalk.text(line));
    } else {
      sink.name(name + "Bytes");
      sink.bytes(line);
    }
  }

  /// Nanoseconds since 1970; nothing for one that was never set; a date where they would not do.
  private void time(String name, Time time) {
    sink.name(name);
    if (time.isNever()) {
      sink.nothing();
      return;
    }
    try {
      sink.number(Math.addExact(Math.multiplyExact(time.seconds(), 1_000_000_000L), time.nanos()));
    } catch (ArithmeticException far) {
      sink.text(date(time));
    }
  }

  private static String date(Time time) {
    try {
      return Instant.ofEpochSecond(time.seconds(), time.nanos()).toString();
    } catch (DateTimeException | ArithmeticException further) {
      return time.seconds() + " seconds since 1970";
    }
  }

  private void beginArray(String name) {
    sink.name(name);
    sink.beginArray();
  }

  private void beginObject(String name) {
    sink.name(name);
    sink.beginObject();
  }

  private void text(String name, String text) {
    sink.name(name);
    sink.text(text);
  }

  private void number(String name, long number) {
    sink.name(name);
    sink.number(number);
  }

  private void unsigned(String name, long number) {
    sink.name(name);
    sink.unsigned(number);
  }
}
