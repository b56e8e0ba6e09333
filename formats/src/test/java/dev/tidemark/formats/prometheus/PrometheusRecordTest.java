package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Described;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueCount;
import dev.tidemark.formats.prometheus.PrometheusRecord.Samples;
import dev.tidemark.formats.prometheus.SeriesValues.Histogram;
import dev.tidemark.formats.prometheus.SeriesValues.Sample;
import dev.tidemark.formats.prometheus.SeriesValues.SeriesMetadata;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusRecordTest {
  private static ByteBuffer hexed(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  static Stream<PrometheusRecord> records() {
    return PrometheusRecords.all().stream();
  }

  @Test
  void thereIsARecordOfEachType() {
    assertThat(records().map(PrometheusRecord::code))
        .containsExactly(
            Stream.of(RecordType.values()).map(RecordType::code).toArray(Integer[]::new));
  }

  @ParameterizedTest
  @MethodSource("records")
  void whatIsEncodedIsDecoded(PrometheusRecord record) throws FormatException {
    ByteBuffer bytes = record.encode();
    assertThat(bytes.get(0)).isEqualTo((byte) record.code());
    PrometheusRecord decoded = PrometheusRecord.decode(bytes);
    assertThat(decoded).isEqualTo(record);
    assertThat(decoded.encode()).isEqualTo(bytes);
    assertThat(bytes.position()).isZero();
  }

  @ParameterizedTest
  @MethodSource("records")
  void aRecordCutShortIsRefusedOrHasFewerItems(PrometheusRecord record) {
    ByteBuffer bytes = record.encode();
    int refused = 0;
    for (int length = 1; length < bytes.limit(); length++) {
      try {
        PrometheusRecord part = PrometheusRecord.decode(bytes.slice(0, length));
        assertThat(part).isNotEqualTo(record);
      } catch (FormatException cut) {
        refused++;
      }
    }
    // All but those between two items.
    assertThat(refused).isGreaterThanOrEqualTo(bytes.limit() - 5);
  }

  @ParameterizedTest
  @CsvSource({
    "01 0102030405060708 02 03617070 0178 036a6f62 0179, "
        + "'{type: \"series\", series: [{ref: 72623859790382856, "
        + "labels: {app: \"x\", job: \"y\"}}]}'",
    // The first sample has differences too, and they have a sign: 1 is -1, 3 is -2, 4 is 2.
    "02 0000000000000005 00000000000003e8 00 00 3ff0000000000000 03 04 4000000000000000, "
        + "'{type: \"samples\", samples: [{ref: 5, t: 1000, v: 1.0}, "
        + "{ref: 3, t: 1002, v: 2.0}]}'",
    "02, '{type: \"samples\", samples: []}'",
    "03 0000000000000005 01 04, "
        + "'{type: \"tombstones\", tombstones: [{ref: 5, from: -1, to: 2}]}'",
    "04 0000000000000005 00000000000003e8 00 00 3ff0000000000000 01 0174 0161, "
        + "'{type: \"exemplars\", exemplars: [{ref: 5, t: 1000, v: 1.0, "
        + "labels: {t: \"a\"}}]}'",
    "05 0000000000000005 0000000100000008, "
        + "'{type: \"mmapMarkers\", markers: [{ref: 5, chunk: 4294967304}]}'",
    // A field whose name nobody knows comes first.
    "06 05 01 03 0141 0142 04554e4954 0173 0448454c50 0168, "
        + "'{type: \"metadata\", metadata: [{ref: 5, metricType: \"counter\", "
        + "unit: \"s\", help: \"h\"}]}'",
    "07 0000000000000005 00000000000003e8 00 00"
        + " 02 06 3ff0000000000000 03 05 4000000000000000 01 03 02 00 02 04 01 00, "
        + "'{type: \"histograms\", histograms: [{ref: 5, t: 1000, "
        + "counterReset: \"notReset\", schema: 3, zeroThreshold: 1.0, zeroCount: 3, "
        + "count: 5, sum: 2.0, positiveSpans: [{offset: -2, length: 2}], "
        + "negativeSpans: [], positiveBuckets: [2, -1], negativeBuckets: []}]}'",
    "0a 0000000000000005 00000000000003e8 00 00 00 69 0000000000000000 0000000000000000"
        + " 3ff0000000000000 4000000000000000 00 00 01 3ff0000000000000 00 01 4008000000000000, "
        + "'{type: \"customBucketsFloatHistograms\", histograms: [{ref: 5, t: 1000, "
        + "counterReset: \"unknown\", schema: -53, zeroThreshold: 0.0, zeroCount: 0.0, "
        + "count: 1.0, sum: 2.0, positiveSpans: [], negativeSpans: [], "
        + "positiveBuckets: [1.0], negativeBuckets: [], bounds: [3.0]}]}'",
    // Refs follow from the one before, times from the first; starts: same, none, 3 after the first.
    "0b 0a d00f 900f 3ff0000000000000 04 02 01 3ff0000000000000"
        + " 01 01 00 3ff0000000000000 02 00 02 06 3ff0000000000000, "
        + "'{type: \"samplesV2\", samples: ["
        + "{ref: 5, start: 968, t: 1000, v: 1.0}, "
        + "{ref: 7, start: 968, t: 1001, v: 1.0}, "
        + "{ref: 6, start: 0, t: 999, v: 1.0}, "
        + "{ref: 7, start: 971, t: 1000, v: 1.0}]}'",
    "0e 00000000000003e8, '{type: \"minValidTime\", t: 1000}'",
    "0f 01 02, '{type: \"unknown\", code: 15, bytes: x''0f0102''}'",
    "ff, '{type: \"unknown\", code: 255, bytes: x''ff''}'",
    "'', '{type: \"unknown\", bytes: x''''}'",
  })
  void bytesMeanWhatPrometheusMeansByThem(String hex, String json) throws FormatException {
    assertThat(Described.by(sink -> new PrometheusFormat().describe(hexed(hex), sink)))
        .isEqualTo(json);
    PrometheusRecord record = PrometheusRecord.decode(hexed(hex));
    if (!(record instanceof PrometheusRecord.Metadata)) {
      assertThat(record.encode()).isEqualTo(hexed(hex));
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void allTypesAreDescribedInOrderAndUnderTheirWord(PrometheusRecord record)
      throws FormatException {
    ValueCount count = new ValueCount();
    new PrometheusFormat().describe(record.encode(), count);
    assertThat(count.values()).isGreaterThan(1);
    assertThat(Described.by(sink -> new PrometheusFormat().describe(record.encode(), sink)))
        .startsWith("{type: \"" + RecordType.of(record.code()).orElseThrow().word() + "\", ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // counts and lengths without end: of labels, a text, fields, spans
        "01 0000000000000005 ffffffffffffffff7f",
        "01 0000000000000005 01 ffffffff0f",
        "01 0000000000000005 01 ffffffffffffffffff01",
        "06 05 01 ffffffffffffffff7f",
        "07 0000000000000005 00000000000003e8 00 00"
            + " 02 06 3ff0000000000000 03 05 4000000000000000 ffffffffffffffff7f 02 02"
      })
  void aCountBeyondTheEndIsRefusedBeforeMemoryIsTaken(String hex) {
    assertThatThrownBy(() -> PrometheusRecord.decode(hexed(hex)))
        .isInstanceOf(FormatException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0e 00000000000003e8 00", "0e 000000", "05 0000000000000005 00"})
  void bytesThatAreLeftOverAreRefused(String hex) {
    assertThatThrownBy(() -> PrometheusRecord.decode(hexed(hex)))
        .isInstanceOf(FormatException.class);
  }

  @ParameterizedTest
  @CsvSource({
    // as many labels, fields and spans as -1
    "01 0000000000000005 ffffffffffffffffff01, labels: {}",
    "06 05 01 ffffffffffffffffff01, 'unit: \"\", help: \"\"'",
    "07 0000000000000005 00000000000003e8 00 00 02 06 3ff0000000000000 03 05 4000000000000000"
        + " ffffffffffffffffff01 00 00 00, positiveSpans: []",
    // lengths in more bytes than they need
    "01 0000000000000005 8100 818080808000 61 80808080808080808000, 'labels: {a: \"\"}'",
    // a schema, an offset and a length of more than 32 bits
    "07 0000000000000005 00000000000003e8 00 00 02 868080808010 3ff0000000000000 03 05"
        + " 4000000000000000 01 828080808010 838080808010 00 00 00,"
        + " 'schema: 3, zeroThreshold: 1.0, zeroCount: 3, count: 5, sum: 2.0, "
        + "positiveSpans: [{offset: 1, length: 3}]'",
  })
  void numbersAreTakenAsPrometheusTakesThem(String hex, String json) throws FormatException {
    assertThat(Described.by(sink -> new PrometheusFormat().describe(hexed(hex), sink)))
        .contains(json);
    assertThat(PrometheusRecord.decode(hexed(hex)).code()).isPositive();
  }

  @Test
  void aStartWhereTheTypeHasNoRoomForItIsRefused() {
    List<Sample> samples = List.of(new Sample(1, 2, 3, 4));
    assertThatThrownBy(() -> new Samples(RecordType.SAMPLES, samples))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Samples(RecordType.HISTOGRAMS, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PrometheusRecords.histogram(3, List.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(PrometheusRecords.histogram(Histogram.CUSTOM_BUCKETS, List.of())).isNotNull();
  }

  @Test
  void theBitsOfANanAreKept() throws FormatException {
    Samples samples =
        new Samples(RecordType.SAMPLES, List.of(new Sample(1, 0, 2, PrometheusRecords.STALE)));
    assertThat(PrometheusRecord.decode(samples.encode()))
        .isInstanceOfSatisfying(
            Samples.class,
            decoded ->
                assertThat(Double.doubleToRawLongBits(decoded.samples().getFirst().value()))
                    .isEqualTo(0x7ff0000000000002L));
  }

  @Test
  void metricTypesWithoutMeaningAreUnknown() {
    assertThat(new SeriesMetadata(1, 7, "", "").metricTypeWord()).isEqualTo("stateset");
    assertThat(new SeriesMetadata(1, 8, "", "").metricTypeWord()).isEqualTo("unknown");
    assertThat(new SeriesMetadata(1, 255, "", "").metricTypeWord()).isEqualTo("unknown");
  }

  @Test
  void arbitraryBytesAreDescribedOrRefused() {
    long seed = new Random().nextLong();
    System.out.println("PrometheusRecordTest: seed " + seed);
    Random random = new Random(seed);
    int described = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(60)];
      random.nextBytes(bytes);
      bytes[0] = (byte) random.nextInt(16);
      for (int i = 1; i < 17 && i < bytes.length; i++) {
        bytes[i] &= (byte) random.nextInt(); // small numbers, so that some fit
      }
      try {
        new PrometheusFormat().describe(ByteBuffer.wrap(bytes), new ValueCount());
        PrometheusRecord record = PrometheusRecord.decode(ByteBuffer.wrap(bytes));
        assertThat(PrometheusRecord.decode(record.encode())).isEqualTo(record);
        described++;
      } catch (FormatException refused) {
        assertThat(refused.offset()).isBetween(0L, (long) bytes.length);
      }
    }
    assertThat(described).isPositive();
  }
}
