package dev.tidemark.formats.loki;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.loki.LokiRecord.CheckpointChunk;
import dev.tidemark.formats.loki.LokiRecord.Stream;
import dev.tidemark.formats.loki.LokiRecord.StreamLines;
import dev.tidemark.formats.loki.LokiRecord.Time;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;

/// Shows records to users. For one thread at a time.
final class RecordDescriber {
  private final ValueSink sink;

  private RecordDescriber(ValueSink sink) {
    this.sink = sink;
  }

  static void describe(LokiRecord record, ValueSink sink) throws FormatException {
    RecordDescriber describer = new RecordDescriber(sink);
    switch (record) {
      case LokiRecord.Series series -> describer.series(series);
      case LokiRecord.Entries entries -> describer.entries(entries);
      case LokiRecord.Checkpoint checkpoint -> describer.checkpoint(checkpoint);
    }
  }

  private void series(LokiRecord.Series record) {
    text("type", "series");
    text("user", record.user());
    beginArray("series");
    for (Stream stream : record.streams()) {
      sink.beginObject();
      unsigned("ref", stream.ref());
      labels("labels", stream.labels());
      sink.endObject();
    }
    sink.endArray();
  }

  private void entries(LokiRecord.Entries record) {
    text("type", "entries");
    number("version", record.version());
    text("user", record.user());
    beginArray("entries");
    for (StreamLines stream : record.streams()) {
      sink.beginObject();
      unsigned("ref", stream.ref());
      if (record.version() >= 2) {
        number("counter", stream.counter());
      }
      beginArray("entries");
      for (LogLine line : stream.lines()) {
        line(line, record.version() >= 3);
      }
      sink.endArray();
      sink.endObject();
    }
    sink.endArray();
  }

  private void checkpoint(LokiRecord.Checkpoint record) throws FormatException {
    text("type", "checkpoint");
    text("user", record.user());
    unsigned("fingerprint", record.fingerprint());
    labels("labels", record.labels());
    UnpackedBytes unpacked = new UnpackedBytes();
    beginArray("chunks");
    for (CheckpointChunk chunk : record.chunks()) {
      sink.beginObject();
      chunk(chunk, unpacked);
      sink.endObject();
    }
    sink.endArray();
    time("to", record.to());
    line("lastLine", record.lastLine());
    number("counter", record.counter());
    time("highest", record.highest());
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
    if (!content.damagedBlocks().isEmpty()) {
      beginArray("damagedBlocks");
      content.damagedBlocks().forEach(sink::text);
      sink.endArray();
    }
    beginArray("lines");
    boolean metadata = content.format() >= ChunkLayout.FORMAT_WITH_SYMBOLS;
    content.lines(unpacked, line -> line(line, metadata));
    sink.endArray();
  }

  private void line(LogLine line, boolean metadata) {
    sink.beginObject();
    number("ts", line.timestampNanos());
    line("line", line.line());
    if (metadata) {
      labels("metadata", line.metadata());
    }
    sink.endObject();
  }

  /// A line is a text, or bytes under another name if it is no UTF-8.
  private void line(String name, ByteBuffer line) {
    try {
      String text = UTF_8.newDecoder().decode(line.duplicate()).toString();
      text(name, text);
    } catch (CharacterCodingException binary) {
      sink.name(name + "Bytes");
      sink.bytes(line);
    }
  }

  private void labels(String name, List<Label> labels) {
    sink.name(name);
    sink.beginObject();
    for (Label label : labels) {
      text(label.name(), label.value());
    }
    sink.endObject();
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
