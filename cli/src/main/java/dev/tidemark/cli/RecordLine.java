package dev.tidemark.cli;

import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Numbering;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Texts;
import dev.tidemark.cli.screen.Json;
import dev.tidemark.cli.screen.JsonSink;
import dev.tidemark.cli.screen.Results;
import dev.tidemark.formats.FormatException;
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
      case JSON -> results.write(json(record));
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

  private byte[] json(Shown record) {
    if (!log.describes()) {
      return Json.object(json -> own(json, record));
    }
    try {
      return Json.object(
          json -> {
            place(json, record);
            JsonSink sink = new JsonSink(json, OURS);
            record.framing().accept(sink);
            try {
              log.describe(record.payload(), sink);
            } catch (FormatException failure) {
              throw new Undecodable(failure);
            }
          });
    } catch (Undecodable failure) {
      // Some of its values were written already: it is written anew without any.
      return Json.object(
          json -> {
            place(json, record);
            json.writeStringProperty("error", "cannot be decoded: " + failure.getMessage());
            json.writeStringProperty("payloadHex", Texts.hex(record.payload()));
          });
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
