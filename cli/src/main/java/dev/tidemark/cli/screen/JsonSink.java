package dev.tidemark.cli.screen;

import dev.tidemark.formats.ValueSink;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/// Writes the contents of a record as JSON: numbers that JSON cannot say as the strings `NaN`,
/// `+Inf` and `-Inf`, bytes in hex. For one thread, for one record.
///
/// A name that the line has already is written with `record` in front.
public final class JsonSink implements ValueSink {
  private final JsonGenerator json;
  private final Set<String> taken;
  private int depth;

  /// @param json is in the object that the record's values go to
  /// @param taken the names that object has already
  public JsonSink(JsonGenerator json, Set<String> taken) {
    this.json = json;
    this.taken = new HashSet<>(taken);
  }

  @Override
  public void beginObject() {
    depth++;
    json.writeStartObject();
  }

  @Override
  public void endObject() {
    depth--;
    json.writeEndObject();
  }

  @Override
  public void beginArray() {
    depth++;
    json.writeStartArray();
  }

  @Override
  public void endArray() {
    depth--;
    json.writeEndArray();
  }

  @Override
  public void name(String name) {
    boolean fresh = depth > 0 || taken.add(name);
    json.writeName(fresh ? name : other(name));
  }

  private static String other(String name) {
    return "record" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  @Override
  public void text(String text) {
    json.writeString(text);
  }

  @Override
  public void number(long number) {
    json.writeNumber(number);
  }

  @Override
  public void unsigned(long number) {
    json.writeNumber(Long.toUnsignedString(number));
  }

  @Override
  public void number(double number) {
    if (Double.isNaN(number)) {
      json.writeString("NaN");
    } else if (Double.isInfinite(number)) {
      json.writeString(number > 0 ? "+Inf" : "-Inf");
    } else {
      json.writeNumber(number);
    }
  }

  @Override
  public void bool(boolean claim) {
    json.writeBoolean(claim);
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    Json.hex(json, bytes);
  }

  @Override
  public void nothing() {
    json.writeNull();
  }
}
