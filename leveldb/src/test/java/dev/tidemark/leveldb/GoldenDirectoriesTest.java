package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories that LevelDB 1.23 left, by closing, by dying, torn and damaged, hold for us what
/// they hold for LevelDB.
class GoldenDirectoriesTest {
  @TempDir private Path folder;

  private static LevelDbOptions quiet(List<String> warnings) {
    return LevelDbOptions.builder().createIfMissing(false).warnings(warnings::add).build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "small-clean",
        "small-crash",
        "flushed-crash",
        "reused-crash",
        "torn-tail",
        "flipped-middle"
      })
  void everyDirectoryYieldsWhatLevelDbShows(String name) throws IOException {
    Path directory = Contents.directory(name, folder);
    List<String> warnings = new ArrayList<>();
    Map<String, byte[]> before = files(directory);
    try (LevelDbReader reader = LevelDb.openReadOnly(directory, warnings::add)) {
      assertThat(Contents.of(reader.cursor())).isEqualTo(Contents.expected(name));
    }
    assertThat(files(directory)).containsExactlyEntriesOf(before);
    assertThat(warnings).hasSize(name.equals("flipped-middle") ? 5 : 0);
    for (int opened = 0; opened < 2; opened++) {
      try (LevelDb db = LevelDb.open(directory, quiet(warnings))) {
        assertThat(Contents.of(db.cursor())).isEqualTo(Contents.expected(name));
        if (opened == 1) {
          db.compact();
          assertThat(Contents.of(db.cursor())).isEqualTo(Contents.expected(name));
        }
      }
    }
    assertThat(warnings).hasSize(name.equals("flipped-middle") ? 10 : 0);
    RealLevelDb.assume("that LevelDB opens what we made of its directory");
    assertThat(RealLevelDb.dump(directory, "paranoid", "nocreate"))
        .isEqualTo(Contents.expected(name));
  }

  private static Map<String, byte[]> files(Path directory) throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.toList()) {
        all.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return all;
  }

  @Test
  void paranoidChecksRefuseTheFlippedBitAndNothingElse() throws IOException {
    LevelDbOptions paranoid = LevelDbOptions.builder().paranoidChecks(true).build();
    assertThatThrownBy(() -> LevelDb.open(Contents.disk("flipped-middle"), paranoid))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("000003.log: error in middle of record"); // which the bit ended
    for (String name : List.of("small-crash", "flushed-crash", "reused-crash", "torn-tail")) {
      try (LevelDb db = LevelDb.open(Contents.disk(name), paranoid)) {
        assertThat(Contents.of(db.cursor())).isEqualTo(Contents.expected(name));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flushed-crash", "reused-crash"})
  void everyKeyIsFoundByItself(String name) throws IOException {
    try (LevelDb db = LevelDb.open(Contents.disk(name), LevelDbOptions.defaults());
        KeyCursor cursor = db.cursor()) {
      int keys = 0;
      while (cursor.next()) {
        assertThat(db.get(cursor.key())).isEqualTo(cursor.value());
        byte[] longer = Arrays.copyOf(cursor.key(), cursor.key().length + 1);
        assertThat(db.get(longer)).isNull();
        keys++;
      }
      assertThat(keys).isEqualTo(Contents.expected(name).size());
    }
  }
}
