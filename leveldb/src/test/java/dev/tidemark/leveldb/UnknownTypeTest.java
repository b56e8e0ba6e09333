package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.leveldb.VersionEdit;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A key in a table that was neither put nor deleted is damage, whatever its checksum says: nobody
/// knows what it means. As in LevelDB (google/leveldb, db/dbformat.h, ParseInternalKey, and who
/// calls it) no read takes it for a value, and no compaction lets it vanish.
final class UnknownTypeTest {
  private static final int UNKNOWN = 7;
  private static final LevelDbOptions QUIET =
      LevelDbOptions.builder().warnings(warning -> {}).build();

  private final SimulatedDisk disk = new SimulatedDisk();

  @TempDir private Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  /// A table of level 1 with `a`, an unknown `b` above a `b` that was put, a deleted `c`, and `d`.
  @BeforeEach
  void fill() throws IOException {
    try (LevelDb db = LevelDb.openQuiet(disk, QUIET)) {
      for (int i = 0; i < 9; i++) {
        db.put(bytes("z"), bytes("z"));
      }
      Versions versions = db.store().versions();
      try (NewTable fresh = new NewTable(disk, QUIET, versions.newFileNumber())) {
        add(fresh, "a", 1, InternalKeys.PUT);
        add(fresh, "b", 3, UNKNOWN);
        add(fresh, "b", 2, InternalKeys.PUT);
        add(fresh, "b", 1, InternalKeys.PUT);
        add(fresh, "c", 5, InternalKeys.DELETED);
        add(fresh, "c", 4, InternalKeys.PUT);
        add(fresh, "d", 6, InternalKeys.PUT);
        VersionEdit.Builder edit = VersionEdit.builder().add(fresh.finish().at(1));
        db.store().install(versions.write(edit, versions.logNumber()), false);
      }
    }
  }

  private static void add(NewTable table, String user, long sequence, int type) throws IOException {
    table.add(InternalKeys.of(bytes(user), sequence, type), bytes(user + sequence));
  }

  private Path copy() throws IOException {
    Path directory = folder.resolve("db");
    Contents.copy(disk, directory);
    return directory;
  }

  private static List<String> keys(List<String> lines) {
    return lines.stream().map(line -> line.substring(0, line.indexOf(' '))).toList();
  }

  @Test
  void levelDbItselfPassesOverItAndSaysSo() throws IOException {
    RealLevelDb.assume("what LevelDB makes of keys of unknown types");
    Path directory = copy();
    assertThat(keys(RealLevelDb.dump(directory)))
        .as("a, b as it was before, d, z")
        .containsExactly("61", "62", "64", "7a", "error");
    assertThat(RealLevelDb.dump(directory).getLast()).contains("corrupted internal key");
    try (RealLevelDb db = RealLevelDb.open(directory)) {
      db.run("get 61");
      assertThatThrownBy(() -> db.run("get 62")).hasMessageContaining("Corruption");
      db.run("compact");
      db.run("close");
    }
    assertThat(RealLevelDb.dump(directory).getLast()).contains("corrupted internal key");
  }

  @Test
  void readerPassesOverItAndTells() throws IOException {
    List<String> warnings = new ArrayList<>();
    try (LevelDbReader reader = LevelDbReader.open(disk, warnings::add)) {
      assertThat(keys(Contents.of(reader.cursor()))).containsExactly("61", "62", "64", "7a");
      assertThat(warnings).hasSize(1);
      assertThat(warnings.getFirst())
          .contains(".ldb: the key 62 @ 3 is of the unknown type 7, passed over");
      assertThat(reader.get(bytes("a"))).isEqualTo(bytes("a1"));
      assertThatThrownBy(() -> reader.get(bytes("b")))
          .isInstanceOf(CorruptLevelDbException.class)
          .hasMessageContaining("the key 62 @ 3 is of the unknown type 7");
    }
  }

  @Test
  void storeRefusesToReadItAlsoAfterCompaction() throws IOException {
    try (LevelDb db = LevelDb.openQuiet(disk, QUIET)) {
      assertRefused(db);
      db.compact();
      assertThat(db.store().versions().current().level(0)).isEmpty();
      assertRefused(db);
    }
    Path directory = copy();
    RealLevelDb.assume("that LevelDB still finds the key of an unknown type that we kept");
    assertThat(RealLevelDb.dump(directory).getLast()).contains("corrupted internal key");
    assertThat(Files.exists(directory.resolve("CURRENT"))).isTrue();
  }

  private static void assertRefused(LevelDb db) throws IOException {
    assertThat(db.get(bytes("a"))).isEqualTo(bytes("a1"));
    assertThat(db.get(bytes("c"))).isNull();
    assertThat(db.get(bytes("d"))).isEqualTo(bytes("d6"));
    assertThatThrownBy(() -> db.get(bytes("b")))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("unknown type 7");
    try (KeyCursor cursor = db.cursor()) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("a"));
      for (int again = 0; again < 3; again++) {
        assertThatThrownBy(cursor::next)
            .as("there is no end where it could not go on")
            .isInstanceOf(CorruptLevelDbException.class)
            .hasMessageContaining("the key 62 @ 3 is of the unknown type 7");
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
      }
      cursor.seek(bytes("c"));
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.key()).isEqualTo(bytes("d"));
    }
  }
}
