package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.leveldb.FileName;
import dev.tidemark.formats.leveldb.VersionEdit;
import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which tables go together when they are merged.
class CompactionTest {
  private static TableFile table(long number, String from, long fromSeq, String to, long toSeq) {
    return new TableFile(
        number,
        1000,
        InternalKeys.of(from.getBytes(UTF_8), fromSeq, InternalKeys.PUT),
        InternalKeys.of(to.getBytes(UTF_8), toSeq, InternalKeys.PUT));
  }

  private static Version version(List<List<TableFile>> first) throws CorruptLevelDbException {
    List<List<TableFile>> levels = new ArrayList<>(first);
    while (levels.size() < 7) {
      levels.add(List.of());
    }
    return Version.of(levels);
  }

  private static List<Long> numbers(List<TableFile> tables) {
    return tables.stream().map(TableFile::number).toList();
  }

  /// LevelDB may begin a table amid the values of a key. Merged without the rest of them, the newer
  /// ones would sink below the older ones.
  @Test
  void allValuesOfAKeyGoTogether() throws CorruptLevelDbException {
    TableFile a = table(1, "a", 9, "m", 9);
    TableFile b = table(2, "m", 8, "p", 8);
    TableFile c = table(3, "p", 7, "q", 7);
    TableFile d = table(4, "r", 7, "s", 7);
    Version version = version(List.of(List.of(), List.of(a, b, c, d)));
    Compaction compaction = Compaction.of(version, 1, List.of(a));
    assertThat(numbers(compaction.inputs())).containsExactly(1L, 2L, 3L);
    assertThat(numbers(Compaction.of(version, 1, List.of(d)).inputs())).containsExactly(4L);
  }

  @Test
  void tablesBelowBringTheRestOfTheirKeysAlong() throws CorruptLevelDbException {
    TableFile above = table(1, "c", 90, "d", 90);
    TableFile below = table(2, "b", 9, "k", 9);
    TableFile rest = table(3, "k", 8, "l", 8);
    TableFile apart = table(4, "x", 8, "y", 8);
    Version version = version(List.of(List.of(above), List.of(below, rest, apart)));
    Compaction compaction = Compaction.of(version, 0, List.of(above));
    assertThat(numbers(compaction.below())).containsExactly(2L, 3L);
    assertThat(compaction.isMove()).isFalse();
  }

  @Test
  void tablesThatShareNothingMoveAsTheyAre() throws CorruptLevelDbException {
    TableFile a = table(1, "a", 9, "b", 9);
    TableFile b = table(2, "c", 8, "d", 8);
    TableFile same = table(3, "b", 7, "c", 7);
    Version apart = version(List.of(List.of(a, b), List.of(table(9, "x", 1, "z", 1))));
    assertThat(Compaction.of(apart, 0, apart.level(0)).isMove()).isTrue();
    Version shared = version(List.of(List.of(a, b, same)));
    assertThat(Compaction.of(shared, 0, shared.level(0)).isMove()).isFalse();
  }

  /// Or a search, which looks into one table of a level, would miss older ones.
  @Test
  void noTableBeginsAmidTheValuesOfAKey() throws IOException {
    LevelDbOptions small =
        LevelDbOptions.builder().compression(false).maxFileBytes(1 << 10).blockBytes(64).build();
    try (LevelDb db = LevelDb.openQuiet(new SimulatedDisk(), small)) {
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        for (String key : List.of("a", "b", "c")) {
          db.put(key.getBytes(UTF_8), new byte[100 + i], WriteOptions.BUFFERED);
        }
        snapshots.add(db.snapshot());
      }
      db.compact();
      List<TableFile> tables = db.store().versions().current().level(1);
      assertThat(tables).hasSizeGreaterThan(1);
      for (int i = 1; i < tables.size(); i++) {
        assertThat(InternalKeys.sameUser(tables.get(i - 1).largest(), tables.get(i).smallest()))
            .isFalse();
      }
      for (int i = 0; i < snapshots.size(); i++) {
        assertThat(db.get("b".getBytes(UTF_8), snapshots.get(i))).hasSize(100 + i);
        snapshots.get(i).close();
      }
    }
  }

  /// What checksums do not show. Written on, it would hide keys for good.
  @Test
  void tablesInNoOrderAreNotMerged() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDbOptions quiet = LevelDbOptions.builder().warnings(warning -> {}).build();
    BlockWriter block = new BlockWriter(16);
    for (String user : List.of("a", "c", "b", "d")) {
      byte[] key = InternalKeys.of(user.getBytes(UTF_8), 1, InternalKeys.PUT);
      block.add(key, ByteBuffer.allocate(0));
    }
    byte[] contents = Tables.bytes(block.finish());
    BlockWriter index = new BlockWriter(1);
    byte[] last = InternalKeys.of(new byte[] {'z'}, 1, InternalKeys.PUT);
    index.add(last, Tables.encoded(new BlockHandle(0, contents.length)));
    byte[] table = Tables.of(List.of(contents), Tables.bytes(index.finish()), false);
    try (LevelDb db = LevelDb.openQuiet(disk, quiet)) {
      db.put(new byte[] {'c'}, new byte[1]);
      Versions versions = db.store().versions();
      long number = versions.newFileNumber();
      disk.replace(FileName.table(number), table);
      TableFile file = table(number, "a", 1, "z", 1);
      TableFile whole = new TableFile(number, table.length, file.smallest(), file.largest());
      VersionEdit.Builder edit = VersionEdit.builder().add(whole.at(1));
      db.store().install(versions.write(edit, versions.logNumber()), false);
      assertThatThrownBy(db::compact)
          .isInstanceOf(LevelDbFailedException.class)
          .hasCauseInstanceOf(CorruptLevelDbException.class)
          .hasMessageContaining("in no order at 62 @ 1");
      assertThat(disk.bytes(FileName.table(number))).isEqualTo(table);
    }
  }

  @Test
  void level0IsNewestFirstAndOthersByTheirKeys() throws CorruptLevelDbException {
    TableFile old = table(1, "a", 1, "z", 1);
    TableFile fresh = table(7, "a", 9, "z", 9);
    Version version =
        version(
            List.of(
                List.of(old, fresh), List.of(table(6, "m", 1, "n", 1), table(5, "a", 1, "b", 1))));
    assertThat(numbers(version.level(0))).containsExactly(7L, 1L);
    assertThat(numbers(version.level(1))).containsExactly(5L, 6L);
  }

  @Test
  void tablesOfALevelThatShareKeysAreRefused() {
    List<TableFile> shared = List.of(table(1, "a", 1, "m", 1), table(2, "l", 1, "z", 1));
    assertThatThrownBy(() -> version(List.of(List.of(), shared)))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("tables of level 1 in no order, at table 2");
    assertThatThrownBy(() -> version(List.of(List.of(), List.of(table(1, "z", 1, "a", 1)))))
        .isInstanceOf(CorruptLevelDbException.class);
  }
}
