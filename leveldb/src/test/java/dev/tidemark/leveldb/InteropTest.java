package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.WalLockedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// LevelDB 1.23 and our store take turns with a directory, and exclude each other.
class InteropTest {
  @TempDir private Path folder;

  @BeforeEach
  void realLevelDbIsThere() {
    RealLevelDb.assume("that LevelDB and our store read what the other wrote");
  }

  @Test
  void eachExcludesTheOther() throws IOException {
    Path directory = folder.resolve("db");
    try (LevelDb db = LevelDb.open(directory)) {
      assertThat(RealLevelDb.dump(directory).getFirst()).startsWith("error IO error: lock");
      db.put(new byte[] {1}, new byte[] {2});
    }
    try (RealLevelDb real = RealLevelDb.open(directory)) {
      assertThatThrownBy(() -> LevelDb.open(directory))
          .isInstanceOf(WalLockedException.class)
          .hasMessageContaining("locked by another process");
      // Reading takes no lock, and drops nobody's.
      try (LevelDbReader reader = LevelDb.openReadOnly(directory, warning -> {})) {
        assertThat(reader.get(new byte[] {1})).isEqualTo(new byte[] {2});
      }
      real.run("put 02 03 1");
    }
    try (LevelDb db = LevelDb.open(directory)) {
      assertThat(db.get(new byte[] {2})).isEqualTo(new byte[] {3});
    }
  }

  @ParameterizedTest
  @CsvSource({"close,", "die,", "close,compact", "die,compact"})
  void levelDbOpensWhatWeLeave(String end, String before) throws IOException {
    Path directory = folder.resolve("db");
    Random random = new Random(end.hashCode());
    SortedMap<byte[], byte[]> model = Contents.sorted();
    try (RealLevelDb ours = RealLevelDb.openOurs(directory, "buffer=20000")) {
      for (int i = 0; i < 800; i++) {
        ours.run(change(model, random));
      }
      if (before != null) {
        ours.run(before);
      }
      if (end.equals("die")) {
        ours.die();
      } else {
        ours.run(end);
      }
    }
    assertThat(RealLevelDb.dump(directory, "paranoid", "nocreate")).isEqualTo(Contents.of(model));
    try (LevelDb db = LevelDb.open(directory)) {
      assertThat(Contents.of(db.cursor())).isEqualTo(Contents.of(model));
    }
  }

  /// As many rounds as the property says: LevelDB and our store write in turn, and most end by a
  /// kill.
  @Test
  void alternatingWritersLoseNothing() throws IOException {
    int rounds = Integer.getInteger("interop.rounds", 50);
    long seed = Long.getLong("interop.seed", 42);
    System.out.println("alternating writers: " + rounds + " rounds, seed " + seed);
    Path directory = folder.resolve("db");
    Random random = new Random(seed);
    SortedMap<byte[], byte[]> model = Contents.sorted();
    for (int round = 0; round < rounds; round++) {
      boolean ours = round % 2 == 0;
      List<String> options = options(random);
      String where =
          "seed " + seed + ", round " + round + (ours ? ", ours " : ", LevelDB ") + options;
      model = round(directory, ours, options, model, random, where);
      Path copy = copy(directory);
      assertThat(RealLevelDb.dump(copy, "paranoid", "nocreate"))
          .as(where)
          .isEqualTo(Contents.of(model));
      delete(copy);
    }
  }

  private static List<String> options(Random random) {
    List<String> options = new ArrayList<>();
    for (String option : List.of("reuse", "plain", "paranoid")) {
      if (random.nextBoolean()) {
        options.add(option);
      }
    }
    options.add("buffer=" + (64 << 10));
    return options;
  }

  /// {@return what the directory holds then}
  private static SortedMap<byte[], byte[]> round(
      Path directory,
      boolean ours,
      List<String> options,
      SortedMap<byte[], byte[]> before,
      Random random,
      String where)
      throws IOException {
    SortedMap<byte[], byte[]> model = Contents.sorted();
    model.putAll(before);
    String[] words = options.toArray(String[]::new);
    SortedMap<byte[], byte[]> perhaps = Contents.sorted();
    try (RealLevelDb db =
        ours ? RealLevelDb.openOurs(directory, words) : RealLevelDb.open(directory, words)) {
      for (int i = random.nextInt(300); i > 0; i--) {
        db.run(change(model, random));
      }
      perhaps.putAll(model);
      switch (random.nextInt(6)) {
        case 0 -> db.run("close");
        case 1 -> {
          db.run("compact");
          db.die();
        }
        case 2, 3 -> db.die();
        default -> db.kill(change(perhaps, random));
      }
    }
    List<String> warnings = new ArrayList<>();
    try (LevelDbReader reader = LevelDb.openReadOnly(directory, warnings::add)) {
      List<String> found = Contents.of(reader.cursor());
      warnings.removeIf(StoreProgram::isOfZeros);
      assertThat(warnings).as(where).isEmpty();
      if (found.equals(Contents.of(perhaps))) {
        return perhaps;
      }
      assertThat(found).as(where).isEqualTo(Contents.of(model));
      return model;
    }
  }

  private static String change(SortedMap<byte[], byte[]> model, Random random) {
    int sync = random.nextInt(8) == 0 ? 1 : 0;
    if (random.nextInt(5) > 0) {
      byte[] key = key(random);
      byte[] value = value(random);
      if (random.nextInt(4) == 0) {
        model.remove(key);
        return "delete " + hex(key) + " " + sync;
      }
      model.put(key, value);
      return "put " + hex(key) + " " + hex(value) + " " + sync;
    }
    StringBuilder batch = new StringBuilder("batch " + sync);
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      byte[] key = {(byte) random.nextInt(), (byte) random.nextInt(2)};
      if (random.nextInt(3) == 0) {
        model.remove(key);
        batch.append(" d").append(hex(key));
      } else {
        byte[] value = {(byte) random.nextInt()};
        model.put(key, value);
        batch.append(" p").append(hex(key)).append(":").append(hex(value));
      }
    }
    return batch.toString();
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[random.nextInt(20) == 0 ? 0 : 2];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) random.nextInt(i == 0 ? 256 : 2);
    }
    return key;
  }

  private static byte[] value(Random random) {
    byte[] value = new byte[random.nextInt(random.nextInt(50) == 0 ? 20_000 : 400)];
    if (random.nextBoolean()) {
      random.nextBytes(value);
    }
    return value;
  }

  private static String hex(byte[] bytes) {
    return bytes.length == 0 ? "-" : HexFormat.of().formatHex(bytes);
  }

  private Path copy(Path directory) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
