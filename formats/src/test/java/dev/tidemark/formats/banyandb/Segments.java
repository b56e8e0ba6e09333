package dev.tidemark.formats.banyandb;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Segments to test with: three that BanyanDB 0.5.0 itself wrote, and whatever a test makes up.
final class Segments {
  static final long T = 1_700_000_000_000_000_000L;

  /// `hello` three times at T, T and T + 1, in series `s1`.
  static final String A =
      "3a00000000000000 3200000000000000 0200 7331 03000000 1100"
          + "17979cfe362a0000 4000000000000000 20"
          + "15 50 05 00 68656c6c6f 0500 68656c6c6f 0500 68656c6c6f";

  /// `value-0` in `s0` at T, and in a batch of its own `value-1` in `s1` at T + 1.
  static final String B =
      "2500000000000000 1d00000000000000 0200 7330 01000000 0800 17979cfe362a0000 09 20 0700"
          + "76616c75652d30"
          + "2500000000000000 1d00000000000000 0200 7331 01000000 0800 17979cfe362a0001 09 20 0700"
          + "76616c75652d31";

  /// 64 times `a` in `series-1`, four times, a millisecond apart.
  static final String C =
      "4d00000000000000 4500000000000000 0800 7365726965732d31 04000000 2100"
          + "17979cfe362a0000 80000000 0004d090 20000000 00071c6c 08000000 00007d09 00"
          + "8802 08 4000 61 fa0100 fe4200 fe4200 fe4200 0942";

  /// What came out of a segment.
  ///
  /// @param entries as `series@nanoseconds behind T=value,nanoseconds=value`
  /// @param damage in the order in which it was told
  record Shown(List<String> entries, List<Damage> damage) {}

  private Segments() {}

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /// {@return 920 bytes: `value-0` to `value-19` in `s0` to `s19`, each in a batch of its own}
  static byte[] twenty() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file, 0, 0)) {
      for (int i = 0; i < 20; i++) {
        writer.add(buffer("s" + i), T + i, buffer("value-" + i));
      }
    }
    return file.toByteArray();
  }

  /// {@return a batch of several entries}
  ///
  /// @param series how many, of two values each
  static byte[] batch(int series) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file, 0)) {
      for (int i = 0; i < 2 * series; i++) {
        writer.add(buffer("s" + i % series), T + i, buffer("value-" + i));
      }
    }
    return file.toByteArray();
  }

  static ByteBuffer buffer(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  static RecordReader open(InputStream file, Reading reading, DamageListener damage)
      throws IOException {
    return new LogReader(file, file.available(), reading, damage);
  }

  static Shown read(byte[] file, Reading reading) throws IOException {
    Shown shown = new Shown(new ArrayList<>(), new ArrayList<>());
    try (LogReader reader =
        new LogReader(new ByteArrayInputStream(file), file.length, reading, shown.damage::add)) {
      while (reader.next()) {
        shown.entries.add(text(reader.entry()));
      }
    }
    return shown;
  }

  static String text(LogEntry entry) {
    StringBuilder text = new StringBuilder(UTF_8.decode(entry.series()) + "@");
    for (int i = 0; i < entry.count(); i++) {
      text.append(i == 0 ? "" : ",").append(entry.timestampNanos(i) - T);
      text.append('=').append(UTF_8.decode(entry.value(i)));
    }
    return text.toString();
  }

  /// {@return bytes of several arrays, one behind the other}
  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /// {@return a copy in which one number of 64 bits is another}
  static byte[] with(byte[] file, int offset, long number) {
    byte[] changed = file.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, number);
    return changed;
  }
}
