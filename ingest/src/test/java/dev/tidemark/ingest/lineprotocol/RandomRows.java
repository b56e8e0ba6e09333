package dev.tidemark.ingest.lineprotocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// Rows of any shape, and their text.
final class RandomRows {
  private static final String[] LETTERS = {
    "a",
    "b",
    "x",
    "Z",
    "7",
    "_",
    "-",
    ".",
    ",",
    "=",
    " ",
    "\"",
    "\\",
    "#",
    "'",
    "\t",
    "\u00e4",
    "\u6771",
    "\ud83d\ude00",
    "time",
    "i",
    "e"
  };

  private final Random random;

  RandomRows(Random random) {
    this.random = random;
  }

  Parsed.Row row() {
    int tags = random.nextInt(4);
    int fields = 1 + (random.nextInt(50) == 0 ? random.nextInt(60) : random.nextInt(4));
    Map<String, String> tagsByKey = new LinkedHashMap<>();
    Map<String, Object> fieldsByKey = new LinkedHashMap<>();
    while (tagsByKey.size() < tags) {
      tagsByKey.put(name(), name());
    }
    while (fieldsByKey.size() < fields) {
      String key = name();
      if (!tagsByKey.containsKey(key)) {
        fieldsByKey.put(key, value());
      }
    }
    String measurement = "m" + Integer.toString(random.nextInt(1_000), 36);
    return new Parsed.Row(measurement, tagsByKey, fieldsByKey, random.nextLong());
  }

  // A name or tag value never ends in a backslash: the next separator would be taken for escaped.
  private String name() {
    while (true) {
      String name = letters(1 + random.nextInt(6));
      if (!name.equals("time") && !name.endsWith("\\")) {
        return name;
      }
    }
  }

  private String letters(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(LETTERS[random.nextInt(LETTERS.length)]);
    }
    return text.toString();
  }

  private Object value() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> new Parsed.Unsigned(random.nextLong());
      case 2 -> random.nextBoolean();
      case 3 -> letters(random.nextInt(8)) + (random.nextInt(4) == 0 ? "\n" + letters(3) : "");
      case 4 -> (double) random.nextInt(1_000) / 8;
      default -> finite();
    };
  }

  private double finite() {
    double value = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(value) ? value : 0.5;
  }

  /// {@return the row as a line, without its line end}
  static String line(Parsed.Row row) {
    StringBuilder line = new StringBuilder(row.measurement());
    row.tags()
        .forEach((k, v) -> line.append(',').append(escaped(k)).append('=').append(escaped(v)));
    char separator = ' ';
    for (Map.Entry<String, Object> field : row.fields().entrySet()) {
      line.append(separator).append(escaped(field.getKey())).append('=');
      line.append(text(field.getValue()));
      separator = ',';
    }
    return line.append(' ').append(row.time()).toString();
  }

  private static String escaped(String name) {
    return name.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ");
  }

  private static String text(Object value) {
    return switch (value) {
      case Long number -> number + "i";
      case String text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
      default -> value.toString();
    };
  }
}
