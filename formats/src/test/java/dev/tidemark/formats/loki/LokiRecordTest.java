package dev.tidemark.formats.loki;

import static dev.tidemark.formats.loki.Chunks.T;
import static dev.tidemark.formats.loki.Chunks.described;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.loki.LokiRecord.Stream;
import dev.tidemark.formats.loki.LokiRecord.StreamLines;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LokiRecordTest {
  static final String SERIES = "010466616b6501010203040506070802036170700178036a6f620179";
  static final String V1 = "020466616b6517979cfe362a0000010203040506070803000161020262630100";
  static final String V2 =
      "040466616b6517979cfe362a00000102030405060708000000000000000303000161020262630100";
  static final String V3 =
      "050466616b6517979cfe362a0000010203040506070800000000000000030300016100"
          + "0202626301016b0176010000";
  private static final long REF = 0x0102030405060708L;

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.of().formatHex(copy);
  }

  static LokiRecord.Series series() {
    return new LokiRecord.Series(
        "fake", List.of(new Stream(REF, List.of(new Label("app", "x"), new Label("job", "y")))));
  }

  static LokiRecord.Entries entries() {
    return new LokiRecord.Entries(
        3,
        "fake",
        List.of(
            new StreamLines(
                REF,
                3,
                List.of(
                    new LogLine(T, text("a"), List.of()),
                    new LogLine(T + 1, text("bc"), List.of(new Label("k", "v"))),
                    new LogLine(T - 1, text(""), List.of())))));
  }

  // ---- records that Loki writes

  @Test
  void aSeriesRecordNamesStreamsAndTheirLabels() throws FormatException {
    assertThat(LokiRecord.decode(ByteBuffer.wrap(hex(SERIES)))).isEqualTo(series());
    assertThat(described(hex(SERIES)))
        .isEqualTo(
            "{type: \"series\", user: \"fake\", series: [{ref: 72623859790382856, labels: {app: \"x\","
                + " job: \"y\"}}]}");
  }

  @Test
  void entriesOfVersion3HaveMetadata() throws FormatException {
    assertThat(LokiRecord.decode(ByteBuffer.wrap(hex(V3)))).isEqualTo(entries());
    assertThat(described(hex(V3)))
        .isEqualTo(
            "{type: \"entries\", version: 3, user: \"fake\", entries: [{ref: 72623859790382856, counter:"
                + " 3, entries: [{ts: 1700000000000000000, line: \"a\", metadata: {}}, {ts:"
                + " 1700000000000000001, line: \"bc\", metadata: {k: \"v\"}}, {ts:"
                + " 1699999999999999999, line: \"\", metadata: {}}]}]}");
  }

  @Test
  void entriesOfVersion2HaveACounter() throws FormatException {
    assertThat(described(hex(V2)))
        .isEqualTo(
            "{type: \"entries\", version: 2, user: \"fake\", entries: [{ref: 72623859790382856, counter:"
                + " 3, entries: [{ts: 1700000000000000000, line: \"a\"}, {ts: 1700000000000000001,"
                + " line: \"bc\"}, {ts: 1699999999999999999, line: \"\"}]}]}");
  }

  @Test
  void entriesOfVersion1HaveNone() throws FormatException {
    assertThat(described(hex(V1)))
        .isEqualTo(
            "{type: \"entries\", version: 1, user: \"fake\", entries: [{ref: 72623859790382856, entries:"
                + " [{ts: 1700000000000000000, line: \"a\"}, {ts: 1700000000000000001, line: \"bc\"},"
                + " {ts: 1699999999999999999, line: \"\"}]}]}");
  }

  @Test
  void entriesMayBeOfNothing() throws FormatException {
    assertThat(LokiRecord.decode(ByteBuffer.wrap(hex("050466616b65"))))
        .isEqualTo(new LokiRecord.Entries(3, "fake", List.of()));
    assertThat(LokiRecord.decode(ByteBuffer.wrap(hex("050466616b6517979cfe362a0000"))))
        .isEqualTo(new LokiRecord.Entries(3, "fake", List.of()));
  }

  @Test
  void aLineThatIsNoTextIsShownInBytes() throws FormatException {
    byte[] record = hex(V1);
    record[28] = (byte) 0xff; // of "bc"
    assertThat(described(record)).contains("lineBytes: ").doesNotContain("\"bc\"");
  }

  @Test
  void aRefIsShownWithoutASign() throws FormatException {
    byte[] record = hex(V1);
    Arrays.fill(record, 14, 22, (byte) 0xff);
    assertThat(described(record)).contains("ref: 18446744073709551615,");
  }

  @Test
  void aCheckpointNamesItsStreamAndItsLines() throws Exception {
    byte[] data =
        new Chunks.Builder(3, BlockCodec.GZIP).block(Chunks.packed(BlockCodec.GZIP)).build();
    byte[] head = new Bytes().octets(4).uvarint(1).varint(T + 3).text("head").array();
    assertThat(described(Chunks.checkpoint(data, head)))
        .isEqualTo(
            "{type: \"checkpoint\", user: \"fake\", fingerprint: 18364758544493064720, labels: {app:"
                + " \"x\"}, chunks: [{from: 1700000000000000000, to: 1700000001000000005, flushed:"
                + " null, updated: 1700000002000000000, closed: true, synced: false, format: 3,"
                + " codec: \"gzip\", lines: [{ts: 1700000000000000000, line: \"first line\"}, {ts:"
                + " 1700000000000000001, line: \""
                + "ab".repeat(200)
                + "\"}, {ts: 1700000000000000002, line: \"\"}, {ts: 1700000000000000003, line:"
                + " \"head\"}]}], to: 1700000001000000005, lastLine: \"last\", counter: 42,"
                + " highest: 1700000003000000000}");
  }

  @Test
  void timesThatNanosecondsCannotHoldAreDates() throws FormatException {
    byte[] record = new Bytes().octets(3).field(8, Chunks.time(253_402_300_799L, 7)).array();
    assertThat(described(record)).contains("highest: \"9999-12-31T23:59:59.000000007Z\"");
    byte[] far = new Bytes().octets(3).field(8, Chunks.time(Long.MAX_VALUE, 0)).array();
    assertThat(described(far)).contains("highest: \"9223372036854775807 seconds since 1970\"");
  }

  @Test
  void fieldsOfACheckpointThatNobodyKnowsArePassedOver() throws FormatException {
    byte[] record =
        new Bytes()
            .octets(3)
            .field(100, 7)
            .field(101, new byte[3])
            .uvarint((102 << 3) | 1)
            .be64(1)
            .uvarint((103 << 3) | 5)
            .be32(1)
            .field(1, "u".getBytes(UTF_8))
            .array();
    assertThat(LokiRecord.decode(ByteBuffer.wrap(record)).user()).isEqualTo("u");
  }

  // ---- records that are written

  @Test
  void recordsAreWrittenByteForByteAsLokiWritesThem() {
    RecordEncoder encoder = new RecordEncoder();
    assertThat(hex(encoder.encode(series()))).isEqualTo(SERIES);
    assertThat(hex(encoder.encode(entries()))).isEqualTo(V3);
  }

  @Test
  void entriesOfOlderVersionsAreWrittenInVersion3() throws FormatException {
    LokiRecord.Entries old = (LokiRecord.Entries) LokiRecord.decode(ByteBuffer.wrap(hex(V2)));
    String expected = V3.replace("0202626301016b0176010000", "02026263000100" + "00");
    assertThat(hex(new RecordEncoder().encode(old))).isEqualTo(expected);
  }

  @Test
  void streamsWithoutLinesAreLeftOut() {
    LokiRecord.Entries record =
        new LokiRecord.Entries(
            3, "fake", List.of(new StreamLines(9, 9, List.of()), entries().streams().getFirst()));
    assertThat(hex(new RecordEncoder().encode(record))).isEqualTo(V3);
    LokiRecord.Entries nothing = new LokiRecord.Entries(3, "fake", List.of());
    assertThat(hex(new RecordEncoder().encode(nothing))).isEqualTo("050466616b65");
  }

  // ---- records that are none

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''       | a record's type has 1 bytes, of which only 0 are there, at byte 0",
        "00       | unknown record type 0, at byte 0",
        "06       | unknown record type 6, at byte 0",
        "01       | a user is cut short, at byte 1",
        "0105     | a user has 5 bytes, of which only 0 are there, at byte 1",
        "010161   | a series record's type has 1 bytes, of which only 0 are there, at byte 3",
        "01016102 | a series record of type 2, at byte 4",
        "0101610100 | a stream's ref has 8 bytes, of which only 1 are there, at byte 4",
        "05016100 | the first entry's time has 8 bytes, of which only 1 are there, at byte 3",
      })
  void aRecordThatIsCutShortOrUnknownIsRefused(String record, String message) {
    assertThatThrownBy(() -> described(hex(record)))
        .isInstanceOf(FormatException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {SERIES, V1, V2, V3})
  void aRecordWithBytesBehindItsEndOrWithoutItsLastIsRefused(String record) {
    assertThatThrownBy(() -> described(hex(record + "00"))).isInstanceOf(FormatException.class);
    String cut = record.substring(0, record.length() - 2);
    assertThatThrownBy(() -> described(hex(cut))).isInstanceOf(FormatException.class);
  }

  @Test
  void countsThatAreNotThereTakeNoMemory() {
    String many = "ffffffffffffffff7f";
    assertThatThrownBy(() -> described(hex(SERIES.substring(0, 30) + many)))
        .isInstanceOf(FormatException.class);
    assertThatThrownBy(() -> described(hex(V3.substring(0, 60) + many)))
        .isInstanceOf(FormatException.class);
  }

  @Test
  void numbersAreTakenAsGoTakesThem() throws FormatException {
    // As many labels as -1; none of them, then.
    assertThat(described(hex(SERIES.substring(0, 30) + "ffffffffffffffffff01")))
        .contains("labels: {}");
    // The user's length in ten bytes.
    assertThat(described(hex(SERIES.replaceFirst("0104", "0184808080808080808000"))))
        .isEqualTo(described(hex(SERIES)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "00       | field 0 of a series",
        "0a       | field 1 of a series is cut short",
        "0a05     | field 1 of a series has 5 bytes, of which only 0 are there",
        "08       | field 1 of a series has type 0 in place of 2",
        "1200     | field 2 of a series has type 2 in place of 0",
        "0b       | field 1 of a series has type 3 in place of 2",
        "fb01     | field 31 of a series has type 3",
        "f901     | field 31 of a series has 8 bytes, of which only 0 are there",
        "2a021001 | ok",
        "2a061080a8d6b907 | field 5 of a series is a time with 2000000000 nanoseconds",
        "22021a00 | ok",
        "22021a01 | field 3 of a chunk has 1 bytes, of which only 0 are there",
      })
  void aCheckpointThatIsNoMessageIsRefused(String message, String reason) {
    if (reason.equals("ok")) {
      assertThatCode(() -> LokiRecord.decode(ByteBuffer.wrap(hex("03" + message))))
          .doesNotThrowAnyException();
      return;
    }
    assertThatThrownBy(() -> LokiRecord.decode(ByteBuffer.wrap(hex("03" + message))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(reason);
  }
}
