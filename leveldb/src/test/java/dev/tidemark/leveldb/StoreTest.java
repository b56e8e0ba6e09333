package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.leveldb.VersionEdit;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written is read: now, through snapshots, after compaction, after opening again.
class StoreTest {
  private static final LevelDbOptions SMALL =
      LevelDbOptions.builder()
          .writeBufferBytes(4 << 10)
          .maxFileBytes(2 << 10)
          .blockBytes(256)
          .warnings(StoreTest::unexpected)
          .build();

  @TempDir private Path folder;

  private static void unexpected(String warning) {
    throw new AssertionError(warning);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void newStoreIsByteForByteWhatLevelDbMakes() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb.open(disk, LevelDbOptions.defaults()).close();
    assertThat(HexFormat.of().formatHex(disk.bytes("MANIFEST-000002")))
        .isEqualTo(
            "56f9b8f81c0001011a6c6576656c64622e4279746577697365436f6d70617261746f72a49c8bbe0800010203"
                + "090003040400");
    assertThat(disk.bytes("CURRENT")).isEqualTo(bytes("MANIFEST-000002\n"));
    assertThat(disk.fileNames())
        .containsExactlyInAnyOrder("CURRENT", "MANIFEST-000002", "000003.log");
  }

  @Test
  void logTableAndManifestAreByteForByteLevelDbs() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.open(disk, LevelDbOptions.defaults())) {
      WriteBatch batch = new WriteBatch();
      batch.put(bytes("a"), bytes("1")).put(bytes("b"), bytes("22")).delete(bytes("a"));
      db.write(batch, WriteOptions.BUFFERED);
      db.put(bytes("foo"), bytes("bar"));
      db.put(bytes(""), bytes("emptykey"), WriteOptions.BUFFERED);
    }
    assertThat(HexFormat.of().formatHex(disk.bytes("000003.log")))
        .isEqualTo(
            "37a3598b1a0001010000000000000003000000010161013101016202323200016168915d4b1500010400000000"
                + "000000010000000103666f6f03626172f7e2d435170001050000000000000001000000010008656d707479"
                + "6b6579");
    LevelDb.open(disk, LevelDbOptions.builder().compression(false).build()).close();
    assertThat(HexFormat.of().formatHex(disk.bytes("000005.ldb")))
        .isEqualTo(TableTest.WRITTEN_BY_LEVELDB);
    assertThat(HexFormat.of().formatHex(disk.bytes("MANIFEST-000004")))
        .isEqualTo(
            "56f9b8f81c0001011a6c6576656c64622e4279746577697365436f6d70617261746f7284c7aad722000102060900"
                + "03070405070005af010801050000000000000b666f6f0104000000000000");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void storeHoldsWhatAMapHolds(long seed) throws IOException {
    Random random = new Random(seed);
    SimulatedDisk disk = new SimulatedDisk();
    SortedMap<byte[], byte[]> map = Contents.sorted();
    for (int life = 0; life < 6; life++) {
      boolean own = random.nextBoolean();
      try (LevelDb db = own ? LevelDb.open(disk, SMALL) : LevelDb.openQuiet(disk, SMALL)) {
        assertThat(Contents.of(db.cursor())).isEqualTo(Contents.of(map));
        for (int step = 0; step < 1500; step++) {
          change(db, map, random);
        }
        if (random.nextBoolean()) {
          db.compact();
        }
        assertThat(Contents.of(db.cursor())).isEqualTo(Contents.of(map));
        for (int i = 0; i < 200; i++) {
          byte[] key = key(random);
          assertThat(db.get(key)).isEqualTo(map.get(key));
        }
      }
    }
    assertThat(disk.openFiles()).isZero();
  }

  private static byte[] key(Random random) {
    byte[] key = new byte[random.nextInt(3)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) random.nextInt(-20, 20);
    }
    return key;
  }

  private static void change(LevelDb db, SortedMap<byte[], byte[]> map, Random random)
      throws IOException {
    byte[] value = new byte[random.nextInt(60)];
    random.nextBytes(value);
    WriteOptions options = random.nextBoolean() ? WriteOptions.SYNCED : WriteOptions.BUFFERED;
    byte[] key = key(random);
    switch (random.nextInt(4)) {
      case 0 -> {
        db.delete(key, options);
        map.remove(key);
      }
      case 1 -> {
        byte[] other = key(random);
        db.write(new WriteBatch().put(key, value).delete(other).put(other, value), options);
        map.put(key, value);
        map.put(other, value);
      }
      default -> {
        db.put(key, value, options);
        map.put(key, value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void snapshotsAndCursorsShowTheirMomentWhateverIsCompacted(long seed) throws IOException {
    Random random = new Random(seed);
    SimulatedDisk disk = new SimulatedDisk();
    SortedMap<byte[], byte[]> map = Contents.sorted();
    try (LevelDb db = LevelDb.open(disk, SMALL)) {
      List<Snapshot> snapshots = new ArrayList<>();
      List<KeyCursor> cursors = new ArrayList<>();
      List<List<String>> expected = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        for (int step = 0; step < 400; step++) {
          change(db, map, random);
        }
        snapshots.add(db.snapshot());
        cursors.add(db.cursor());
        expected.add(Contents.of(map));
      }
      db.compact();
      for (int i = 0; i < snapshots.size(); i++) {
        assertThat(Contents.of(cursors.get(i))).isEqualTo(expected.get(i));
        assertThat(Contents.of(db.cursor(snapshots.get(i)))).isEqualTo(expected.get(i));
        snapshots.get(i).close();
      }
      db.compact();
      assertThat(Contents.of(db.cursor())).isEqualTo(Contents.of(map));
      // What was kept for them is gone: one version of each key, and no deletions.
      assertThat(internalKeys(db)).isEqualTo(map.size());
    }
  }

  private static int internalKeys(LevelDb db) throws IOException {
    int count = 0;
    try (SortedCursor cursor = db.store().view().cursor(db.store().tables())) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        count++;
      }
    }
    return count;
  }

  @Test
  void seekGoesToTheFirstKeyAtOrBehind() throws IOException {
    try (LevelDb db = LevelDb.open(new SimulatedDisk(), SMALL)) {
      for (int i = 0; i < 100; i += 2) {
        db.put(new byte[] {(byte) i}, new byte[] {1}, WriteOptions.BUFFERED);
      }
      db.delete(new byte[] {50}, WriteOptions.BUFFERED);
      try (KeyCursor cursor = db.cursor()) {
        cursor.seek(new byte[] {49});
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.key()).isEqualTo(new byte[] {52});
        cursor.seek(new byte[] {10});
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.key()).isEqualTo(new byte[] {10});
        cursor.seek(new byte[] {99});
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.next()).isFalse();
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
        cursor.seek(new byte[0]);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.key()).isEqualTo(new byte[] {0});
      }
    }
  }

  @Test
  void level0StaysSmallAndFilesThatNobodyNeedsGo() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Random random = new Random(5);
    try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
      for (int i = 0; i < 5000; i++) {
        byte[] value = new byte[50];
        random.nextBytes(value);
        db.put(bytes("key" + random.nextInt(500)), value, WriteOptions.BUFFERED);
        assertThat(db.store().versions().current().level(0)).hasSizeLessThan(Compaction.TRIGGER);
      }
      long tables = disk.fileNames().stream().filter(name -> name.endsWith(".ldb")).count();
      Version version = db.store().versions().current();
      long inUse = 0;
      for (int level = 0; level < version.levels(); level++) {
        inUse += version.level(level).size();
      }
      assertThat(tables).isEqualTo(inUse);
      assertThat(disk.fileNames().stream().filter(name -> name.endsWith(".log")).count())
          .isEqualTo(1);
    }
  }

  @Test
  void deletionStaysAboveWhatItDeletes() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
      db.put(bytes("k"), bytes("old"));
      db.compact();
      Versions versions = db.store().versions();
      TableFile table = versions.current().level(1).getFirst();
      VersionEdit.Builder down = VersionEdit.builder();
      down.add(new VersionEdit.DeletedFile(1, table.number())).add(table.at(3));
      db.store().install(versions.write(down, versions.logNumber()), false);
      db.delete(bytes("k"));
      for (int i = 0; i < Compaction.TRIGGER; i++) {
        db.put(bytes("a" + i), bytes("x"));
        db.put(bytes("z" + i), bytes("x"));
        db.flush();
      }
      assertThat(versions.current().level(0)).isEmpty();
      assertThat(versions.current().level(1)).isNotEmpty();
      assertThat(db.get(bytes("k"))).isNull();
      db.compact();
      assertThat(db.get(bytes("k"))).isNull();
      assertThat(internalKeys(db)).isEqualTo(2 * Compaction.TRIGGER);
    }
  }

  @Test
  void filesOfACursorStayUntilItIsClosed() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.openQuiet(disk, SMALL)) {
      db.put(bytes("k"), bytes("old"));
      db.flush();
      KeyCursor cursor = db.cursor();
      List<String> tables = tables(disk);
      db.put(bytes("k"), bytes("new"));
      db.compact();
      assertThat(tables(disk)).containsAll(tables);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.value()).isEqualTo(bytes("old"));
      cursor.close();
      db.flush();
      db.store().unpin(db.store().pinView());
      db.compact();
      assertThat(tables(disk)).doesNotContainAnyElementsOf(tables).hasSize(1);
    }
  }

  private static List<String> tables(SimulatedDisk disk) {
    return disk.fileNames().stream().filter(name -> name.endsWith(".ldb")).toList();
  }

  @Test
  void largeValuesAndEmptyOnesAreKept() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    byte[] large = new byte[3 << 20];
    new Random(6).nextBytes(large);
    try (LevelDb db = LevelDb.open(disk, SMALL)) {
      db.put(bytes("large"), large);
      db.put(bytes("empty"), new byte[0]);
      db.put(bytes("two"), bytes("2"));
    }
    try (LevelDb db = LevelDb.open(disk, SMALL)) {
      assertThat(db.get(bytes("large"))).isEqualTo(large);
      assertThat(db.get(bytes("empty"))).isEmpty();
      assertThat(db.get(bytes("none"))).isNull();
    }
  }

  @Test
  void argumentsMayBeChangedAfterTheCall() throws IOException {
    try (LevelDb db = LevelDb.open(new SimulatedDisk(), SMALL)) {
      byte[] key = bytes("key");
      byte[] value = bytes("value");
      db.put(key, value);
      key[0] = 0;
      value[0] = 0;
      byte[] read = db.get(bytes("key"));
      assertThat(read).isEqualTo(bytes("value"));
      requireNonNull(read)[0] = 0;
      assertThat(db.get(bytes("key"))).isEqualTo(bytes("value"));
    }
  }

  @Test
  void closedStoreRefusesEverything() throws IOException {
    LevelDb db = LevelDb.open(new SimulatedDisk(), SMALL);
    db.close();
    db.close();
    assertThatThrownBy(() -> db.put(bytes("a"), bytes("b")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("memory is closed");
    assertThatThrownBy(() -> db.get(bytes("a"))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(db::cursor).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(db::snapshot).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(db::flush).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(db::compact).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @SuppressWarnings("try") // closed within
  void snapshotOfAnotherStoreIsRefused() throws IOException {
    try (LevelDb one = LevelDb.open(new SimulatedDisk(), SMALL);
        LevelDb two = LevelDb.open(new SimulatedDisk(), SMALL);
        Snapshot snapshot = one.snapshot()) {
      assertThatThrownBy(() -> two.get(bytes("a"), snapshot))
          .isInstanceOf(IllegalArgumentException.class);
      snapshot.close();
      assertThatThrownBy(() -> one.get(bytes("a"), snapshot))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void storeIsOpenOnceAtATime() throws IOException {
    Path directory = folder.resolve("db");
    try (LevelDb db = LevelDb.open(directory)) {
      assertThatThrownBy(() -> LevelDb.open(directory)).isInstanceOf(WalLockedException.class);
      db.put(bytes("a"), bytes("b"));
    }
    assertThat(Files.size(directory.resolve("LOCK"))).isZero();
    LevelDb.open(directory).close();
  }

  @Test
  void optionsSayWhetherToMakeAStore() throws IOException {
    Path directory = folder.resolve("db");
    LevelDbOptions never = LevelDbOptions.builder().createIfMissing(false).build();
    assertThatThrownBy(() -> LevelDb.open(directory, never))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(directory).doesNotExist();
    assertThatThrownBy(() -> LevelDb.openReadOnly(directory, StoreTest::unexpected))
        .isInstanceOf(NoSuchFileException.class);
    LevelDb.open(directory).close();
    assertThatThrownBy(
            () -> LevelDb.open(directory, LevelDbOptions.builder().errorIfExists(true).build()))
        .isInstanceOf(FileAlreadyExistsException.class);
    LevelDb.open(directory, never).close();
  }

  @Test
  void withoutCurrentNothingThatWasWrittenIsThrownAway() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (LevelDb db = LevelDb.open(disk, SMALL)) {
      db.put(bytes("a"), bytes("b"));
    }
    disk.delete("CURRENT");
    assertThatThrownBy(() -> LevelDb.open(disk, SMALL))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("has no CURRENT, but 000003.log");
  }

  @Test
  void anotherOrderOfKeysIsRefusedByItsName() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    LevelDb.open(disk, SMALL).close();
    try (StorageFile file = disk.create("MANIFEST-000009")) {
      AppendFile manifest = AppendFile.manifest(file, 9);
      manifest.append(
          VersionEdit.builder()
              .comparator("idb_cmp1")
              .logNumber(3)
              .nextFileNumber(10)
              .lastSequence(0)
              .build()
              .encode());
    }
    disk.replace("CURRENT", bytes("MANIFEST-000009\n"));
    assertThatThrownBy(() -> LevelDb.open(disk, SMALL))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("in the order of \"idb_cmp1\"");
  }
}
