package dev.tidemark.formats.leveldb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bytes that LevelDB 1.23 itself wrote.
class LogVectorsTest {
  private static final String LOG =
      "37a3598b1a0001010000000000000003000000010161013101016202323200016168915d4b"
          + "1500010400000000000000010000000103666f6f03626172f7e2d4351700010500000000"
          + "00000001000000010008656d7074796b6579";
  private static final String NEW_MANIFEST =
      "56f9b8f81c0001011a6c6576656c64622e4279746577697365436f6d70617261746f72a49c"
          + "8bbe0800010203090003040400";
  private static final String MANIFEST_WITH_TABLE =
      "56f9b8f81c0001011a6c6576656c64622e4279746577697365436f6d70617261746f7284c7"
          + "aad72200010206090003070405070005af010801050000000000000b666f6f0104000000000000";

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @ParameterizedTest
  @CsvSource({
    "313233343536373839, e3069283, c78ab0e5",
    "0000000000000000000000000000000000000000000000000000000000000000, 8a9136aa, 0fd7fffa",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff, 62a8ab43, f909b029",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f, 46dd794e, 951f7892",
  })
  void checksumsAreMaskedAndUnmasked(String bytes, String plain, String masked) {
    CRC32C crc = new CRC32C();
    crc.update(hex(bytes));
    int value = (int) crc.getValue();
    assertThat(value).isEqualTo((int) HexFormat.fromHexDigitsToLong(plain));
    assertThat(MaskedCrc.mask(value)).isEqualTo((int) HexFormat.fromHexDigitsToLong(masked));
    assertThat(MaskedCrc.unmask(MaskedCrc.mask(value))).isEqualTo(value);
  }

  @Test
  void batchesAreWrittenAsLevelDbWritesThem() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    BatchWriter batch = new BatchWriter();
    try (LogWriter writer = new LogWriter(file)) {
      batch.put(ascii("a"), ascii("1"));
      batch.put(ascii("b"), ascii("22"));
      batch.delete(ascii("a"));
      writer.append(batch.payload(1));
      batch.clear();
      batch.put(ascii("foo"), ascii("bar"));
      writer.append(batch.payload(4));
      batch.clear();
      batch.put(ascii(""), ascii("emptykey"));
      writer.append(batch.payload(5));
      assertThat(writer.size()).isEqualTo(91);
    }
    assertThat(HexFormat.of().formatHex(file.toByteArray())).isEqualTo(LOG);
  }

  @Test
  void batchesAreReadAsLevelDbWroteThem() throws IOException {
    List<String> shown = new ArrayList<>();
    try (LogReader reader =
        new LogReader(new ByteArrayInputStream(hex(LOG)), found -> shown.add("damage " + found))) {
      while (reader.next()) {
        BatchReader batch = BatchReader.of(reader.payload());
        shown.add(reader.offset() + ": " + batch.sequence() + " " + batch.count());
        while (batch.next()) {
          shown.add(
              batch.operation()
                  + " "
                  + US_ASCII.decode(batch.key().duplicate())
                  + "="
                  + US_ASCII.decode(batch.value().duplicate()));
        }
      }
    }
    assertThat(shown)
        .containsExactly(
            "0: 1 3",
            "PUT a=1",
            "PUT b=22",
            "DELETE a=",
            "33: 4 1",
            "PUT foo=bar",
            "61: 5 1",
            "PUT =emptykey");
  }

  @Test
  void aRecordOverFourBlocksIsWrittenAsLevelDbWritesIt() throws Exception {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file)) {
      BatchWriter batch = new BatchWriter();
      batch.put(ascii("k"), ascii("x".repeat(100_000)));
      writer.append(batch.payload(1));
    }
    byte[] bytes = file.toByteArray();
    assertThat(bytes).hasSize(100_046);
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
        .isEqualTo("b1d336fde79b46d9728e6f6574c0935f9e6d08cb4d4815f4f881982b8f48ea6c");
  }

  @ParameterizedTest
  @CsvSource({
    "32754, bar, 32761, 6451d0e9000002059e8137030004626172",
    "32758, '', 32765, 000000052b2843000001",
    "32758, bar, 32765, 000000baeaec44030001626172",
  })
  void theEndOfABlockIsWrittenAsLevelDbWritesIt(int first, String second, int at, String bytes)
      throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file)) {
      writer.append(ascii("a".repeat(first)));
      writer.append(ascii(second));
    }
    byte[] all = file.toByteArray();
    assertThat(HexFormat.of().formatHex(Arrays.copyOfRange(all, at, all.length))).isEqualTo(bytes);
  }

  @Test
  void theManifestOfANewDirectoryIsWrittenAsLevelDbWritesIt() throws IOException {
    VersionEdit first = VersionEdit.builder().comparator("leveldb.BytewiseComparator").build();
    VersionEdit second =
        VersionEdit.builder()
            .logNumber(3)
            .previousLogNumber(0)
            .nextFileNumber(4)
            .lastSequence(0)
            .build();
    assertThat(log(first.encode(), second.encode())).isEqualTo(NEW_MANIFEST);
    assertThat(edits(NEW_MANIFEST)).containsExactly(first, second);
  }

  @Test
  void theManifestThatNamesATableIsWrittenAsLevelDbWritesIt() throws IOException {
    VersionEdit first = VersionEdit.builder().comparator("leveldb.BytewiseComparator").build();
    VersionEdit second =
        VersionEdit.builder()
            .logNumber(6)
            .previousLogNumber(0)
            .nextFileNumber(7)
            .lastSequence(5)
            .add(
                new VersionEdit.NewFile(
                    0,
                    5,
                    175,
                    ByteBuffer.wrap(hex("0105000000000000")),
                    ByteBuffer.wrap(hex("666f6f0104000000000000"))))
            .build();
    assertThat(log(first.encode(), second.encode())).isEqualTo(MANIFEST_WITH_TABLE);
    assertThat(edits(MANIFEST_WITH_TABLE)).containsExactly(first, second);
  }

  @Test
  void everyFieldOfAnEditComesBack() throws FormatException {
    VersionEdit edit =
        VersionEdit.builder()
            .comparator("a name")
            .logNumber(Long.MAX_VALUE)
            .previousLogNumber(1)
            .nextFileNumber(2)
            .lastSequence(3)
            .add(new VersionEdit.CompactPointer(6, ByteBuffer.wrap(new byte[9])))
            .add(new VersionEdit.DeletedFile(5, 4))
            .add(
                new VersionEdit.NewFile(
                    4, 5, 6, ByteBuffer.wrap(new byte[8]), ByteBuffer.wrap(new byte[10])))
            .build();
    assertThat(VersionEdit.decode(edit.encode())).isEqualTo(edit);
  }

  private static String log(ByteBuffer... records) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (LogWriter writer = new LogWriter(file)) {
      for (ByteBuffer record : records) {
        writer.append(record);
      }
    }
    return HexFormat.of().formatHex(file.toByteArray());
  }

  private static List<VersionEdit> edits(String log) throws IOException {
    List<VersionEdit> edits = new ArrayList<>();
    try (LogReader reader =
        new LogReader(new ByteArrayInputStream(hex(log)), found -> edits.clear())) {
      while (reader.next()) {
        edits.add(VersionEdit.decode(reader.payload()));
      }
    }
    return edits;
  }
}
