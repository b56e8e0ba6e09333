package dev.tidemark.cli;

import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Numbering;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Texts;
import dev.tidemark.cli.screen.Json;
import dev.tidemark.cli.screen.JsonSink;
import dev.tidemark.cli.screen.Results;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.IgnoredValues;
import dev.tidemark.formats.ValueSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/// Writes records, each in the shape that the user asked for.
///
/// @param log whose records they are
/// @param shape what is written of each
/// @param results where to
record RecordLine(Log log, Shape shape, Results results) {
  private static final Set<String> OURS =
      Set.of(
          "file", "offset", "bytes", "lsn", "record", "proven", "payload", "payloadHex", "error");

  // A line that is longer is not kept in memory.
  private static final int MOST_LINE_BYTES = 1 << 20;

  /// What is written of a record.
  enum Shape {
    /// One JSON object on a line.
    JSON,
    /// The payload as it is, and nothing else.
    RAW,
    /// The payload in hex, on a line.
    HEX
  }

  /// Writes one.
  void write(Shown record) throws IOException {
    switch (shape) {
      case JSON -> json(record);
      case RAW -> raw(record.payload());
      case HEX -> results.line(Texts.hex(record.payload()));
    }
    if (shape == Shape.JSON) {
      results.write('\n');
    }
  }

  private void raw(ByteBuffer payload) throws IOException {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(payload.position(), bytes);
    results.write(bytes);
  }

  private void json(Shown record) throws IOException {
    if (!log.describes()) {
      results.write(Json.object(json -> own(json, record)));
      return;
    }
    try {
      byte[] line = Json.object(json -> described(json, record), MOST_LINE_BYTES);
      if (line != null) {
        results.write(line);
      } else {
        // A few bytes can stand for a line of any length. It is not kept, so what would be an error
        // in the middle of it must be known before.
        check(record);
        Json.object(json -> described(json, record), results);
      }
    } catch (Undecodable failure) {
      // Some of its values were written already: it is written anew without any.
      Json.object(
          json -> {
            place(json, record);
            json.writeStringProperty("error", "cannot be decoded: " + failure.getMessage());
            json.writeName("payloadHex");
            Json.hex(json, record.payload());
          },
          results);
    }
  }

  private void described(JsonGenerator json, Shown record) {
    place(json, record);
    JsonSink sink = new JsonSink(json, OURS);
    record.framing().accept(sink);
    describe(record, sink);
  }

  private void check(Shown record) {
    describe(record, new IgnoredValues());
  }

  private void describe(Shown record, ValueSink sink) {
    try {
      log.describe(record.payload(), sink);
    } catch (FormatException failure) {
      throw new Undecodable(failure);
    }
  }

  private void place(JsonGenerator json, Shown record) {
    json.writeStringProperty("file", record.file());
    if (record.offset() >= 0) { // a cursor on a live log knows none
      json.writeNumberProperty("offset", record.offset());
    }
    json.writeNumberProperty("bytes", record.payload().remaining());
    if (log.numbering() == Numbering.LSN) {
      json.writeNumberProperty("lsn", record.first());
    } else {
      json.writeNumberProperty("record", record.index());
    }
  }

  private void own(JsonGenerator json, Shown record) {
    place(json, record);
    if (!record.proven()) {
      json.writeBooleanProperty("proven", false);
    }
    String text = Texts.of(record.payload());
    if (text != null) {
      json.writeStringProperty("payload", text);
    } else {
      json.writeStringProperty("payloadHex", Texts.hex(record.payload()));
    }
  }

  /// Carries a refusal through a writer of JSON, which knows none.
  private static final class Undecodable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undecodable(FormatException cause) {
      super(cause.getMessage(), cause, false, false);
    }
  }
}
