package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Reading changes nothing and shows what can be shown.
class LevelDbReaderTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<String> warnings = new ArrayList<>();

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /// Two hundred keys in tables of level 1, and one in the log.
  private void fill() throws IOException {
    LevelDbOptions plain = LevelDbOptions.builder().compression(false).blockBytes(512).build();
    try (LevelDb db = LevelDb.openQuiet(disk, plain)) {
      for (int i = 0; i < 200; i++) {
        db.put(bytes(String.format("key%03d", i)), bytes("v".repeat(50)), WriteOptions.BUFFERED);
      }
      db.compact();
      db.put(bytes("log"), bytes("here"), WriteOptions.BUFFERED);
    }
  }

  private String table() {
    return disk.fileNames().stream()
        .filter(name -> name.endsWith(".ldb"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void readingTakesNoLockAndChangesNothing() throws IOException {
    fill();
    try (LevelDb db = LevelDb.openQuiet(disk, LevelDbOptions.defaults())) {
      db.put(bytes("more"), bytes("x"));
      long hash = disk.durableHash();
      disk.clearOperations();
      try (LevelDbReader reader = LevelDbReader.open(disk, warnings::add)) {
        assertThat(reader.get(bytes("more"))).isEqualTo(bytes("x"));
        assertThat(reader.get(bytes("key199"))).hasSize(50);
        assertThat(reader.get(bytes("none"))).isNull();
        assertThat(Contents.of(reader.cursor())).hasSize(202);
      }
      assertThat(disk.operations()).isEmpty();
      assertThat(disk.durableHash()).isEqualTo(hash);
    }
    assertThat(warnings).isEmpty();
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void damagedBlockOfATableIsPassedOverAndTold() throws IOException {
    fill();
    disk.flip(table(), 5000, 2);
    try (LevelDbReader reader = LevelDbReader.open(disk, warnings::add)) {
      int keys = Contents.of(reader.cursor()).size();
      assertThat(keys).isBetween(180, 198);
      assertThat(warnings).hasSize(1);
      assertThat(warnings.getFirst())
          .contains(table() + ": the checksum of a block does not match, at byte ")
          .contains("passed over");
    }
    try (LevelDb db = LevelDb.openQuiet(disk, LevelDbOptions.defaults());
        KeyCursor cursor = db.cursor()) {
      assertThatThrownBy(
              () -> {
                while (cursor.next()) {
                  assertThat(cursor.value()).isNotNull();
                }
              })
          .as("a store does not pass over what it was given to keep")
          .isInstanceOf(CorruptLevelDbException.class)
          .hasMessageContaining("does not match");
      assertThatThrownBy(cursor::next)
          .as("what cannot be read is not the end")
          .isInstanceOf(CorruptLevelDbException.class)
          .hasMessageContaining("does not match");
      cursor.seek(bytes("key199"));
      assertThat(cursor.next()).isTrue();
    }
  }

  @Test
  void tableThatIsNoneIsPassedOverAndTold() throws IOException {
    fill();
    disk.flip(table(), disk.bytes(table()).length - 1, 2);
    try (LevelDbReader reader = LevelDbReader.open(disk, warnings::add)) {
      assertThat(Contents.of(reader.cursor())).hasSize(1);
      assertThat(reader.get(bytes("log"))).isEqualTo(bytes("here"));
      assertThatThrownBy(() -> reader.get(bytes("key001")))
          .isInstanceOf(CorruptLevelDbException.class);
    }
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains("magic number");
  }

  @Test
  void tablesOfTheOldNameAreRead() throws IOException {
    fill();
    String old = table().replace(".ldb", ".sst");
    disk.rename(table(), old);
    try (LevelDbReader reader = LevelDbReader.open(disk, warnings::add)) {
      assertThat(Contents.of(reader.cursor())).hasSize(201);
    }
    try (LevelDb db = LevelDb.openQuiet(disk, LevelDbOptions.defaults())) {
      assertThat(Contents.of(db.cursor())).hasSize(201);
      db.compact();
      assertThat(disk.fileNames()).doesNotContain(old);
      assertThat(Contents.of(db.cursor())).hasSize(201);
    }
  }

  @Test
  void listenerMayCloseTheReader() throws IOException {
    fill();
    disk.flip(table(), 5000, 2);
    LevelDbReader[] opened = new LevelDbReader[1];
    LevelDbReader reader =
        LevelDbReader.open(
            disk,
            warning -> {
              warnings.add(warning);
              try {
                opened[0].close();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    opened[0] = reader;
    try (KeyCursor cursor = reader.cursor()) {
      assertThatThrownBy(
              () -> {
                cursor.seek(bytes("key"));
                while (cursor.next()) {
                  assertThat(cursor.key()).isNotEmpty();
                }
                reader.cursor();
              })
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(warnings).hasSize(1);
    assertThat(disk.openFiles()).isZero();
  }

  @Test
  void closedReaderRefusesEverything() throws IOException {
    fill();
    LevelDbReader reader = LevelDbReader.open(disk, warnings::add);
    reader.close();
    reader.close();
    assertThatThrownBy(() -> reader.get(bytes("log"))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(reader::cursor).isInstanceOf(IllegalStateException.class);
  }
}
