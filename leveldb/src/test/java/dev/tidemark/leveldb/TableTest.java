package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.ByteWriter;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.leveldb.MaskedCrc;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables are LevelDB's, byte for byte, and what is in them is found.
class TableTest {
  /// What LevelDB 1.23 wrote, uncompressed, for `put a=1, put b=22, delete a`, `put foo=bar`, `put
  /// ""=emptykey`.
  static final String WRITTEN_BY_LEVELDB =
      "0008080105000000000000656d7074796b65790009006100030000000000000108010101000000000000310009"
          + "026201020000000000003232000b03666f6f0104000000000000626172000000000100000000b4e531ab000000"
          + "000100000000c0f2a1b00009026701ffffffffffffff0052000000000100000000aba86fb05708641600000000"
          + "000000000000000000000000000000000000000000000000000000000000000057fb808b247547db";

  private static SortedMap<byte[], byte[]> keysOfThatTable() {
    SortedMap<byte[], byte[]> keys = Tables.sorted();
    keys.put(key("a", 1, InternalKeys.PUT), "1".getBytes(UTF_8));
    keys.put(key("b", 2, InternalKeys.PUT), "22".getBytes(UTF_8));
    keys.put(key("a", 3, InternalKeys.DELETED), new byte[0]);
    keys.put(key("foo", 4, InternalKeys.PUT), "bar".getBytes(UTF_8));
    keys.put(key("", 5, InternalKeys.PUT), "emptykey".getBytes(UTF_8));
    return keys;
  }

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static byte[] key(String user, long sequence, int type) {
    return InternalKeys.of(user.getBytes(UTF_8), sequence, type);
  }

  @Test
  void theBytesAreThoseThatLevelDbWrites() throws IOException {
    byte[] written = Tables.write(keysOfThatTable(), false, TableLayout.BLOCK_BYTES);
    assertThat(HexFormat.of().formatHex(written)).isEqualTo(WRITTEN_BY_LEVELDB);
  }

  @Test
  void whatLevelDbWroteIsRead() throws IOException {
    SortedMap<byte[], byte[]> read = Tables.read(HexFormat.of().parseHex(WRITTEN_BY_LEVELDB));
    assertSame(read, keysOfThatTable());
  }

  private static void assertSame(
      SortedMap<byte[], byte[]> actual, SortedMap<byte[], byte[]> expected) {
    assertThat(new ArrayList<>(actual.keySet())).containsExactlyElementsOf(expected.keySet());
    assertThat(new ArrayList<>(actual.values())).containsExactlyElementsOf(expected.values());
  }

  @ParameterizedTest
  @CsvSource({"1,false,4096", "2,true,4096", "3,false,64", "4,true,1", "5,true,100000"})
  void everyKeyIsFoundByWalkAndBySearch(long seed, boolean snappy, int blockBytes)
      throws IOException {
    SortedMap<byte[], byte[]> keys = randomKeys(new Random(seed), 3000);
    byte[] bytes = Tables.write(keys, snappy, blockBytes);
    assertSame(Tables.read(bytes), keys);
    try (Table table = Tables.open(bytes);
        TableCursor cursor = table.cursor(false, null)) {
      Random random = new Random(seed);
      for (byte[] key : keys.keySet()) {
        cursor.seek(key);
        assertThat(cursor.key()).isEqualTo(key);
        byte[] other = randomKey(random, 1 + random.nextInt(5000));
        cursor.seek(other);
        SortedMap<byte[], byte[]> behind = keys.tailMap(other);
        assertThat(cursor.valid()).isEqualTo(!behind.isEmpty());
        if (cursor.valid()) {
          assertThat(cursor.key()).isEqualTo(behind.firstKey());
        }
      }
    }
  }

  @Test
  void snappyIsUsedWhereItSavesAnEighth() throws IOException {
    SortedMap<byte[], byte[]> keys = Tables.sorted();
    keys.put(key("zeros", 1, InternalKeys.PUT), new byte[100_000]);
    byte[] noise = new byte[100_000];
    new Random(1).nextBytes(noise);
    keys.put(key("noise", 2, InternalKeys.PUT), noise);
    assertThat(Tables.write(keys, true, 4096)).hasSizeBetween(100_000, 110_000);
    assertSame(Tables.read(Tables.write(keys, true, 4096)), keys);
  }

  @Test
  void emptyTableHasNoKeys() throws IOException {
    assertThat(Tables.read(Tables.write(Tables.sorted(), true, 4096))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyFlippedBitIsNoticedOrChangesNothing(boolean snappy) throws IOException {
    SortedMap<byte[], byte[]> keys = randomKeys(new Random(7), 24);
    byte[] good = Tables.write(keys, snappy, 256);
    int unnoticed = 0;
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      try {
        assertSame(Tables.read(bad), keys);
        unnoticed++;
      } catch (CorruptLevelDbException noticed) {
        assertThat(noticed).hasMessageContaining("table").hasMessageContaining("at byte");
      }
    }
    // The filler of the footer, the handle of the metaindex, and its block: nobody reads them.
    assertThat(unnoticed).isLessThan((48 + 13) * 8);
  }

  @Test
  void everyShorterTableIsRefused() throws IOException {
    byte[] good = Tables.write(randomKeys(new Random(8), 24), true, 256);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Tables.read(cut)).isInstanceOf(CorruptLevelDbException.class);
    }
  }

  @Test
  void lessThanTheManifestSaysIsRefused() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.replace("000005.ldb", Tables.write(keysOfThatTable(), false, 4096));
    try (StorageFile file = disk.openForRead("000005.ldb")) {
      assertThatThrownBy(() -> Table.open(file, 5, 179, Tables.NO_CACHE))
          .isInstanceOf(CorruptLevelDbException.class)
          .hasMessage("000005.ldb has 175 bytes; the manifest says 179");
    }
  }

  @Test
  void whatIsBehindTheSizeThatTheManifestSaysIsNotRead() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    byte[] table = Tables.write(keysOfThatTable(), false, 4096);
    disk.replace("000005.ldb", Arrays.copyOf(table, table.length + 1));
    try (StorageFile file = disk.openForRead("000005.ldb")) {
      assertThat(Table.open(file, 5, table.length, Tables.NO_CACHE).index()).isNotEmpty();
    }
  }

  @Test
  void blocksOfAnyBytesAreRefusedOrWalkedToTheirEnd() {
    Random random = new Random(9);
    BlockWriter writer = new BlockWriter(2);
    for (int i = 0; i < 4; i++) {
      writer.add(key("k" + i, i, InternalKeys.PUT), ByteBuffer.wrap(new byte[i]));
    }
    byte[] good = Tables.bytes(writer.finish());
    List<byte[]> blocks = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      byte[] block = Arrays.copyOf(good, good.length - random.nextInt(3));
      for (int changes = random.nextInt(6); changes > 0; changes--) {
        block[random.nextInt(block.length)] =
            (byte) random.nextInt(random.nextBoolean() ? 12 : 256);
      }
      blocks.add(block);
    }
    int walked = 0;
    for (byte[] block : blocks) {
      try {
        BlockCursor cursor = new BlockCursor(block);
        int steps = 0;
        for (cursor.first(); cursor.valid(); cursor.next()) {
          assertThat(cursor.key().length + cursor.value().length).isLessThan(1 << 16);
          assertThat(++steps).isLessThan(100);
        }
        walked += steps;
        cursor.seek(key("m", 1, InternalKeys.PUT));
      } catch (FormatException refused) {
        assertThat(refused.offset()).isBetween(0L, 100L);
      }
    }
    assertThat(walked).isGreaterThan(100_000); // or the inputs say nothing
  }

  @Test
  void snappyThatClaimsToUnpackToMoreThanItCanIsRefusedBeforeMemoryIsTaken() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    byte[] claims = HexFormat.of().parseHex("ffffffff07" + "00"); // 2^31 - 1 bytes
    byte[] table = new byte[claims.length + 5 + 48];
    System.arraycopy(claims, 0, table, 0, claims.length);
    table[claims.length] = 1;
    CRC32C crc = new CRC32C();
    crc.update(table, 0, claims.length + 1);
    int masked = MaskedCrc.mask((int) crc.getValue());
    for (int i = 0; i < 4; i++) {
      table[claims.length + 1 + i] = (byte) (masked >>> (8 * i));
    }
    table[claims.length + 5 + 3] = (byte) claims.length; // the index, at 0
    byte[] magic = HexFormat.of().parseHex("57fb808b247547db");
    System.arraycopy(magic, 0, table, table.length - 8, 8);
    disk.replace("table", table);
    try (StorageFile file = disk.openForRead("table")) {
      assertThatThrownBy(() -> Table.open(file, 1, table.length, Tables.NO_CACHE))
          .isInstanceOf(CorruptLevelDbException.class)
          .hasMessageContaining("cannot unpack to 2147483647");
    }
  }

  /// Work is counted in bytes of keys: each is put together from what it shares with the one
  /// before.
  @Test
  void blockWhoseKeysAllShareALongOneIsGivenUpBeforeTheWorkIsQuadratic() {
    ByteWriter block = new ByteWriter(1 << 20);
    byte[] first = new byte[300_000];
    block.varint(0).varint(first.length).varint(0).bytes(ByteBuffer.wrap(first));
    for (int i = 0; i < 60_000; i++) {
      block.varint(first.length).varint(0).varint(0);
    }
    block.int32LittleEndian(0).int32LittleEndian(1);
    byte[] bytes = Tables.bytes(block.written());
    AtomicLong walked = new AtomicLong();
    assertThatThrownBy(
            () -> {
              BlockCursor cursor = new BlockCursor(bytes);
              for (cursor.first(); cursor.valid(); cursor.next()) {
                walked.addAndGet(cursor.key().length);
              }
            })
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("share too much");
    assertThat(walked.get()).isBetween(100L * bytes.length, 300L * bytes.length + (2 << 20));
    assertThatThrownBy(() -> new BlockCursor(bytes).seek(key("a", 1, InternalKeys.PUT)))
        .as("a search walks, too")
        .isInstanceOf(FormatException.class);
  }

  /// No directory of LevelDB's is refused for how its keys are packed: with the usual 16 keys from
  /// one restart to the next, with 200 of them, or all in one where blocks have the usual size.
  @ParameterizedTest
  @CsvSource({"16,4194304", "200,4194304", "1000000000,4096"})
  void keysThatShareAlmostAllAreReadAsFarAsRealBlocksHaveThem(int interval, int blockBytes)
      throws FormatException {
    BlockWriter writer = new BlockWriter(interval);
    int length = Math.min(blockBytes / 2, 100_000);
    int count = 0;
    while (writer.size() < blockBytes) {
      byte[] user = new byte[length];
      INT.set(user, length - 4, count++);
      writer.add(InternalKeys.of(user, 1, InternalKeys.PUT), ByteBuffer.allocate(0));
    }
    byte[] bytes = Tables.bytes(writer.finish());
    BlockCursor cursor = new BlockCursor(bytes);
    int walked = 0;
    for (cursor.first(); cursor.valid(); cursor.next()) {
      walked++;
    }
    assertThat(walked).isEqualTo(count).isGreaterThan(100);
  }

  /// Or a small index could have one large block read again and again.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void indexThatNamesABlockTwiceIsRefused(boolean overlapping) throws IOException {
    BlockWriter data = new BlockWriter(16);
    data.add(key("a", 1, InternalKeys.PUT), ByteBuffer.allocate(0));
    byte[] block = Tables.bytes(data.finish());
    BlockWriter index = new BlockWriter(1);
    BlockHandle handle = new BlockHandle(0, block.length);
    BlockHandle second = overlapping ? new BlockHandle(1, block.length - 1) : handle;
    index.add(key("b", 1, InternalKeys.PUT), Tables.encoded(handle));
    index.add(key("c", 1, InternalKeys.PUT), Tables.encoded(second));
    byte[] table = Tables.of(List.of(block), Tables.bytes(index.finish()), false);
    assertThatThrownBy(() -> Tables.read(table))
        .isInstanceOf(CorruptLevelDbException.class)
        .hasMessageContaining("begins before the last one ends");
  }

  private static SortedMap<byte[], byte[]> randomKeys(Random random, int count) {
    SortedMap<byte[], byte[]> keys = Tables.sorted();
    for (int i = 1; i <= count; i++) {
      byte[] value = new byte[random.nextInt(40)];
      if (random.nextBoolean()) {
        random.nextBytes(value);
      }
      keys.put(randomKey(random, i), value);
    }
    return keys;
  }

  private static byte[] randomKey(Random random, long sequence) {
    byte[] user = new byte[random.nextInt(8)];
    for (int i = 0; i < user.length; i++) {
      user[i] = (byte) (random.nextInt(8) == 0 ? 0xff : random.nextInt(4));
    }
    return InternalKeys.of(user, sequence, random.nextInt(2));
  }
}
