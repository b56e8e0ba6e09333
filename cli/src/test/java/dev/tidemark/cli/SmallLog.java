package dev.tidemark.cli;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A log of our own in three small segments of ten records, closed, to be damaged.
///
/// @param path its directory
record SmallLog(Path path) {
  static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).build();

  /// Writes one whose records are `record 1` to `record 30`.
  static SmallLog in(Path folder) throws IOException {
    Path path = folder.resolve("log");
    try (Wal wal = Wal.open(path, OPTIONS)) {
      for (int n = 1; n <= 30; n++) {
        wal.append(("record " + n).getBytes(StandardCharsets.UTF_8));
        if (n % 10 == 0 && n < 30) {
          wal.rotate();
        }
      }
    }
    return new SmallLog(path);
  }

  /// {@return the files that hold records, oldest first}
  List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> file.toString().endsWith(".wal"))
          .filter(file -> text(file).contains("record "))
          .sorted()
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Flips a bit of a record.
  ///
  /// @return the file it is in
  Path spoil(String record) throws IOException {
    for (Path file : segments()) {
      int at = text(file).indexOf(record);
      if (at > 0) {
        flip(file, at);
        return file;
      }
    }
    throw new AssertionError("no such record: " + record);
  }

  static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  /// Damages the last record and wipes what promised it.
  void tearTail() throws IOException {
    Path file = spoil("record 30");
    int at = text(file).indexOf("ecord 30");
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, (at & -64) + 64, bytes.length - 256, (byte) 0);
    Files.write(file, bytes);
  }

  /// {@return the bytes of all files of a directory, in hex}
  static Map<String, String> bytes(Path directory) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(
            directory.relativize(file).toString(),
            java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return all;
  }
}
