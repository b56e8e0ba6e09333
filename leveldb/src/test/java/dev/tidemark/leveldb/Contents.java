package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What stores hold, as lines: key in hex, length of the value, hash of the value.
final class Contents {
  private Contents() {}

  static List<String> of(KeyCursor cursor) throws IOException {
    List<String> lines = new ArrayList<>();
    try (cursor) {
      while (cursor.next()) {
        lines.add(line(cursor.key(), cursor.value()));
      }
    }
    return lines;
  }

  static List<String> of(SortedMap<byte[], byte[]> keys) {
    List<String> lines = new ArrayList<>();
    keys.forEach((key, value) -> lines.add(line(key, value)));
    return lines;
  }

  /// {@return an empty map of keys in LevelDB's order}
  static SortedMap<byte[], byte[]> sorted() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  private static String line(byte[] key, byte[] value) {
    long hash = 1469598103934665603L;
    for (byte each : value) {
      hash = (hash ^ (each & 0xff)) * 1099511628211L;
    }
    return String.format(
        Locale.ROOT, "%s %d %016x", HexFormat.of().formatHex(key), value.length, hash);
  }

  // ---- directories that LevelDB left

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /// {@return what LevelDB shows of a directory}
  static List<String> expected(String name) throws IOException {
    return Files.readAllLines(GOLDEN.resolve(name + ".expect"), US_ASCII);
  }

  static SimulatedDisk disk(String name) throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    for (Path file : files(name)) {
      if (!file.endsWith("LOCK")) {
        disk.replace(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return disk;
  }

  static Path directory(String name, Path parent) throws IOException {
    Path directory = Files.createDirectories(parent.resolve(name));
    for (Path file : files(name)) {
      Files.copy(file, directory.resolve(file.getFileName()));
    }
    return directory;
  }

  private static List<Path> files(String name) throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN.resolve(name))) {
      return files.toList();
    }
  }

  /// Makes a disk's files those of a directory.
  static void copy(SimulatedDisk disk, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (String name : disk.fileNames()) {
      Files.write(directory.resolve(name), disk.bytes(name));
    }
  }
}
