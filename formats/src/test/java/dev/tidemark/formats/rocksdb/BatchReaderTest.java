package dev.tidemark.formats.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Described;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueCount;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BatchReaderTest {
  private static byte[] batch(int count, String operations) {
    return HexFormat.of()
        .parseHex("0700000000000000" + String.format("%02x000000", count) + operations);
  }

  private static String described(byte[] batch) throws FormatException {
    return Described.by(sink -> new RocksDbFormat().describe(ByteBuffer.wrap(batch), sink));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 01 016b 0176 | op: \"put\", columnFamily: 0, key: x'6b', value: x'76'",
        "1 | 05 03 016b 0176 | op: \"put\", columnFamily: 3, key: x'6b', value: x'76'",
        "1 | 00 016b | op: \"delete\", columnFamily: 0, key: x'6b'",
        "1 | 04 8001 016b | op: \"delete\", columnFamily: 128, key: x'6b'",
        "1 | 02 016b 00 | op: \"merge\", columnFamily: 0, key: x'6b', value: x''",
        "1 | 06 01 016b 0176 | op: \"merge\", columnFamily: 1, key: x'6b', value: x'76'",
        "1 | 07 016b | op: \"singleDelete\", columnFamily: 0, key: x'6b'",
        "1 | 08 02 016b | op: \"singleDelete\", columnFamily: 2, key: x'6b'",
        "1 | 0f 0161 0162 | op: \"deleteRange\", columnFamily: 0, key: x'61', end: x'62'",
        "1 | 0e 02 0161 0162 | op: \"deleteRange\", columnFamily: 2, key: x'61', end: x'62'",
        "1 | 11 016b 0176 | op: \"putBlobIndex\", columnFamily: 0, key: x'6b', value: x'76'",
        "1 | 10 02 016b 0176 | op: \"putBlobIndex\", columnFamily: 2, key: x'6b', value: x'76'",
        "1 | 16 016b 0176 | op: \"putEntity\", columnFamily: 0, key: x'6b', value: x'76'",
        "1 | 17 02 016b 0176 | op: \"putEntity\", columnFamily: 2, key: x'6b', value: x'76'",
        "1 | 18 016b 09760200000000000000 | op: \"timedPut\", columnFamily: 0, key: x'6b',"
            + " writeTime: 2, value: x'76'",
        "1 | 19 02 016b 080200000000000000 | op: \"timedPut\", columnFamily: 2, key: x'6b',"
            + " writeTime: 2, value: x''",
        "0 | 03 0162 | op: \"logData\", blob: x'62'",
        "0 | 0d | op: \"noop\"",
        "0 | 09 | op: \"beginPrepare\"",
        "0 | 12 | op: \"beginPersistedPrepare\"",
        "0 | 13 | op: \"beginUnprepare\"",
        "0 | 0a 0178 | op: \"endPrepare\", xid: x'78'",
        "0 | 0b 0178 | op: \"commit\", xid: x'78'",
        "0 | 15 0174 0178 | op: \"commitWithTimestamp\", timestamp: x'74', xid: x'78'",
        "0 | 0c 0178 | op: \"rollback\", xid: x'78'",
      })
  void eachOperationIsDescribed(int count, String operation, String expected)
      throws FormatException {
    assertThat(described(batch(count, operation.replace(" ", ""))))
        .isEqualTo("{sequence: 7, count: " + count + ", operations: [{" + expected + "}]}");
  }

  @ParameterizedTest
  @EnumSource
  void eachOperationHasItsTags(Operation operation) {
    assertThat(Operation.of(operation.tag())).isEqualTo(operation);
    if (operation.isWrite()) {
      assertThat(Operation.of(operation.familyTag())).isEqualTo(operation);
    } else {
      assertThat(operation.familyTag()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 14 016b | unknown WriteBatch tag 20",
        "1 | 1a 016b | unknown WriteBatch tag 26",
        "1 | ff | unknown WriteBatch tag 255",
        "2 | 00 016b | WriteBatch has wrong count: it says 2 and holds 1",
        "1 | 03 0162 | WriteBatch has wrong count: it says 1 and holds 0",
        "1 | 01 016b 0276 | value has 2 bytes, of which only 1 are there",
        "1 | 01 016b ffffffff7f | value does not fit 32 bits",
        "1 | 05 ff | column family is cut short",
        "1 | 18 016b 0176 | a value without its time",
      })
  void whatIsNoBatchIsRefusedWithTheReason(int count, String operation, String reason) {
    byte[] batch = batch(count, operation.replace(" ", ""));
    assertThatThrownBy(() -> BatchReader.check(ByteBuffer.wrap(batch)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void lessThanTwelveBytesAreRefused() {
    assertThatThrownBy(() -> BatchReader.of(ByteBuffer.allocate(11)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("log record too small");
    assertThat(new RocksDbFormat().sequences(ByteBuffer.allocate(11))).isEmpty();
  }

  @Test
  void aBatchCarriesOneNumberForEachOperationThatCounts() {
    assertThat(new RocksDbFormat().sequences(ByteBuffer.wrap(batch(3, ""))).orElseThrow())
        .extracting(range -> range.first() + "-" + range.last())
        .isEqualTo("7-9");
    assertThat(new RocksDbFormat().sequences(ByteBuffer.wrap(batch(0, ""))).orElseThrow())
        .extracting(range -> range.first() + "-" + range.last())
        .isEqualTo("7-6");
  }

  @Test
  void anythingButABatchIsAFormatExceptionAndNothingElse() {
    long seed = new Random().nextLong();
    System.out.printf("batches of RocksDB's, seed %d%n", seed);
    Random random = new Random(seed);
    byte[] good =
        batch(4, "01016b01760502016b01760f016101620b01780301621802" + "6b6b09760200000000000000");
    for (int drawn = 0; drawn < 20_000; drawn++) {
      byte[] payload = good.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        payload[random.nextInt(payload.length)] = (byte) random.nextInt(32);
      }
      payload = Arrays.copyOf(payload, random.nextInt(payload.length + 5));
      try {
        new RocksDbFormat().describe(ByteBuffer.wrap(payload), new ValueCount());
      } catch (FormatException refused) {
        assertThat(refused).hasMessageContaining("at byte");
      } catch (RuntimeException failure) {
        throw new AssertionError(
            "seed " + seed + ": " + HexFormat.of().formatHex(payload), failure);
      }
    }
  }
}
