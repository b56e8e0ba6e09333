package dev.tidemark.formats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;

/// The inputs of fuzzers that are kept: those that found something, and a few from each part of the
/// code that they reached. One in a line, in hexadecimal, in the file of its target.
final class KeptInputs {
  private KeptInputs() {}

  /// {@return what is kept for a target}
  static List<byte[]> of(FuzzTarget target) throws IOException {
    String name = "/fuzz/" + target + ".txt";
    try (InputStream file = KeptInputs.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IOException("no " + name);
      }
      return new String(file.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(HexFormat.of()::parseHex)
          .toList();
    }
  }
}
