package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Numbering;
import dev.tidemark.cli.screen.Bar;
import java.io.IOException;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/// Says what reading a log found, to people and to programs. Stateless.
final class HealthReport {
  private HealthReport() {}

  /// {@return what reading all of a log finds; a bar shows how far it is}
  static Health of(Log log) throws IOException {
    try (Bar bar = Bar.begin("reading")) {
      return log.verify(bar::at);
    }
  }

  // ---- for people

  /// {@return a place that holds no record, on two lines}
  static String words(Defect defect, Numbering numbering) {
    StringBuilder text = new StringBuilder();
    text.append("  ").append(defect.kind().word()).append(": ").append(defect.file());
    if (defect.bytes() > 0) {
      text.append(" offset ").append(defect.offset());
      text.append(", ").append(defect.bytes()).append(" bytes");
    } else if (defect.offset() > 0) {
      text.append(" offset ").append(defect.offset());
    }
    text.append(", ").append(range(defect, numbering));
    text.append("\n    ").append(defect.reason());
    Defect.Place next = defect.next();
    if (next != null) {
      text.append("\n    next good record: ").append(next.file());
      text.append(" offset ").append(next.offset());
      text.append(", ").append(numbering.word()).append(' ').append(next.number());
    } else if (defect.kind() != Defect.Kind.TORN_TAIL) {
      text.append("\n    no good record behind it");
    }
    return text.toString();
  }

  private static String range(Defect defect, Numbering numbering) {
    if (defect.first() == 0) {
      return numbering == Numbering.LSN ? "no LSN known to be lost" : "no number known to be lost";
    }
    return numbering.word() + " " + defect.first() + " to " + defect.last();
  }

  /// {@return the verdict in a few words}
  static String verdict(Health health) {
    long holes = health.defects().stream().filter(one -> one.kind().isCorrupt()).count();
    boolean torn = health.defects().stream().anyMatch(one -> one.kind() == Defect.Kind.TORN_TAIL);
    return switch (health.verdict()) {
      case CLEAN -> health.notes().containsKey("empty") ? "clean, and empty" : "clean";
      case TORN_TAIL -> "torn tail, nothing else: what a crash leaves";
      case CORRUPT ->
          "corrupt: "
              + count(holes, "damaged place")
              + (torn ? ", and a torn tail" : "")
              + (health.lost() > 0
                  ? ", " + count(health.lost(), health.numbering().word()) + " lost"
                  : "");
    };
  }

  /// {@return a number with its noun}
  static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /// {@return how many records are good, and their numbers}
  static String range(Health health) {
    if (health.records() == 0) {
      return "none";
    }
    String word = health.numbering().word();
    return health.records() + ", " + word + " " + health.first() + " to " + health.last();
  }

  /// {@return how much was read, and how fast}
  static String effort(Health health) {
    double seconds = Math.max(health.nanos(), 1) / 1e9;
    return String.format(
        Locale.ROOT,
        "%s of payload in %s; read %s in %.2f s, %.2f GB/s",
        ByteSize.words(health.payloadBytes()),
        count(health.files().size(), "file"),
        ByteSize.words(health.readBytes()),
        seconds,
        health.readBytes() / 1e9 / seconds);
  }

  // ---- for programs

  /// Writes all of it.
  static void write(JsonGenerator json, Log log, Health health) {
    json.writeStringProperty("path", log.path().toString());
    json.writeStringProperty("format", log.format());
    json.writeStringProperty("rule", log.rule());
    json.writeStringProperty("verdict", health.verdict().word());
    json.writeNumberProperty("records", health.records());
    json.writeStringProperty("numbering", health.numbering().property());
    if (health.records() > 0) {
      json.writeNumberProperty(health.numbering().property("first"), health.first());
      json.writeNumberProperty(health.numbering().property("last"), health.last());
    }
    json.writeNumberProperty("lost", health.lost());
    json.writeNumberProperty("payloadBytes", health.payloadBytes());
    json.writeNumberProperty("readBytes", health.readBytes());
    json.writeNumberProperty("seconds", health.nanos() / 1e9);
    json.writeArrayPropertyStart("holes");
    health.defects().forEach(defect -> write(json, defect, health.numbering()));
    json.writeEndArray();
    json.writeArrayPropertyStart("files");
    health.files().forEach(file -> write(json, file, health.numbering()));
    json.writeEndArray();
    health.notes().forEach(json::writeStringProperty);
  }

  /// Writes one place that holds no record, as an object.
  static void write(JsonGenerator json, Defect defect, Numbering numbering) {
    json.writeStartObject();
    json.writeStringProperty("kind", defect.kind().word());
    json.writeStringProperty("file", defect.file());
    json.writeNumberProperty("offset", defect.offset());
    json.writeNumberProperty("bytes", defect.bytes());
    if (defect.first() > 0) {
      json.writeNumberProperty(numbering.property("first"), defect.first());
      json.writeNumberProperty(numbering.property("last"), defect.last());
    }
    json.writeStringProperty("reason", defect.reason());
    Defect.Place next = defect.next();
    json.writeName("next");
    if (next == null) {
      json.writeNull();
    } else {
      json.writeStartObject();
      json.writeStringProperty("file", next.file());
      json.writeNumberProperty("offset", next.offset());
      json.writeNumberProperty(numbering.property(), next.number());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Health.File file, Numbering numbering) {
    json.writeStartObject();
    json.writeStringProperty("file", file.name());
    json.writeStringProperty("state", file.state());
    json.writeNumberProperty("bytes", file.bytes());
    if (file.first() > 0) {
      json.writeNumberProperty(numbering.property("first"), file.first());
      json.writeNumberProperty(numbering.property("last"), file.last());
    }
    if (file.records() >= 0) {
      json.writeNumberProperty("records", file.records());
    }
    json.writeEndObject();
  }
}
