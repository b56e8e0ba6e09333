package dev.tidemark.ingest.lineprotocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A body parsed into values of its own, for tests to compare.
record Parsed(ParseResult result, List<Row> rows) {
  static final long ARRIVAL_NANOS = 1_700_000_000_123_456_789L;

  /// One point. Fields hold a Double, a Long, an Unsigned, a Boolean or a String.
  record Row(String measurement, Map<String, String> tags, Map<String, Object> fields, long time) {
    static Row of(Point point) {
      Map<String, String> tags = new LinkedHashMap<>();
      for (int i = 0; i < point.tagCount(); i++) {
        tags.put(point.tagKey(i).toString(), point.tagValue(i).toString());
      }
      Map<String, Object> fields = new LinkedHashMap<>();
      for (int i = 0; i < point.fieldCount(); i++) {
        fields.put(point.fieldKey(i).toString(), value(point, i));
      }
      return new Row(point.measurement().toString(), tags, fields, point.timeNanos());
    }

    private static Object value(Point point, int field) {
      return switch (point.fieldType(field)) {
        case FLOAT -> point.floatValue(field);
        case INTEGER -> point.integerValue(field);
        case UNSIGNED -> new Unsigned(point.unsignedValue(field));
        case BOOLEAN -> point.booleanValue(field);
        case STRING -> point.stringValue(field).toString();
      };
    }
  }

  /// An unsigned value, apart from the signed ones.
  record Unsigned(long bits) {
    @Override
    public String toString() {
      return Long.toUnsignedString(bits) + "u";
    }
  }

  static Parsed of(String body) {
    return of(body.getBytes(StandardCharsets.UTF_8), Precision.NANOSECONDS);
  }

  static Parsed of(byte[] body, Precision precision) {
    List<Row> rows = new ArrayList<>();
    // Bytes around the body, so that whoever reads past an end is found out.
    byte[] framed = new byte[body.length + 6];
    byte[] frame = "\"\"\"1 1".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(frame, 0, framed, 0, 3);
    System.arraycopy(body, 0, framed, 3, body.length);
    System.arraycopy(frame, 3, framed, body.length + 3, 3);
    ParseResult result =
        new LineParser()
            .parse(framed, 3, body.length, precision, ARRIVAL_NANOS, p -> rows.add(Row.of(p)));
    return new Parsed(result, rows);
  }

  /// The only row of a body that has no fault.
  Row row() {
    if (rows.size() != 1 || result.rejected() != 0) {
      throw new AssertionError("not one good row: " + this);
    }
    return rows.getFirst();
  }

  /// The only fault of a body.
  LineError error() {
    if (result.errors().size() != 1 || result.rejected() != 1) {
      throw new AssertionError("not one fault: " + this);
    }
    return result.errors().getFirst();
  }
}
