package dev.tidemark.formats.loki;

import static dev.tidemark.formats.Reading.ALL_THAT_IS_WHOLE;
import static dev.tidemark.formats.Reading.AS_THE_SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.Damage.Kind;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.Sweep;
import dev.tidemark.formats.Sweep.Outcome;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogReaderTest {
  private static final String FRAMED =
      "01001c15cfadaf" + LokiRecordTest.SERIES + "01002f440b79aa" + LokiRecordTest.V3;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private static LogWriter writer(ByteArrayOutputStream file) {
    return LogWriter.of(SegmentWriter.of(file, SegmentCompression.NONE));
  }

  private static Outcome read(byte[] file, Reading reading) {
    return Sweep.read(file, (segment, damage) -> LogReader.of(segment, reading, damage));
  }

  private static Outcome readCheckpoint(byte[] file, Reading reading) {
    return Sweep.read(file, (segment, damage) -> LogReader.ofCheckpoint(segment, reading, damage));
  }

  /// {@return a segment as a crash leaves it: its last page is not filled up}
  private static byte[] segment(byte[]... payloads) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    SegmentWriter writer = SegmentWriter.of(file, SegmentCompression.NONE);
    for (byte[] payload : payloads) {
      writer.append(ByteBuffer.wrap(payload));
    }
    writer.flush();
    return file.toByteArray();
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Test
  void recordsAreWrittenAndReadInLokisFraming() throws IOException {
    LogWriter writer = writer(file);
    writer.append(LokiRecordTest.series());
    writer.append(LokiRecordTest.entries());
    writer.flush();
    assertThat(HexFormat.of().formatHex(file.toByteArray())).isEqualTo(FRAMED);
    assertThat(writer.size()).isEqualTo(file.size());
    List<LokiRecord> records = new ArrayList<>();
    try (LogReader reader =
        LogReader.of(
            new ByteArrayInputStream(file.toByteArray()),
            AS_THE_SYSTEM,
            damage -> assertThat(damage).isNull())) {
      while (reader.next()) {
        records.add(reader.record());
        assertThat(reader.endOffset() - reader.offset())
            .isEqualTo(7 + reader.payload().remaining());
        if (records.size() == 2) {
          assertThat(records).containsExactly(records.getFirst(), LokiRecordTest.entries());
        }
      }
    }
    assertThat(records.getFirst()).isEqualTo(LokiRecordTest.series());
    assertThat(records).hasSize(2);
    writer.close();
    assertThat(file.size()).isEqualTo(32 << 10);
  }

  @Test
  void recordsThatWereReadAreWrittenAsTheyWereInAnyVersion() throws IOException {
    LogWriter writer = writer(file);
    byte[][] payloads = {hex(LokiRecordTest.V1), hex(LokiRecordTest.V2), hex(LokiRecordTest.V3)};
    for (byte[] payload : payloads) {
      writer.append(ByteBuffer.wrap(payload));
    }
    writer.flush();
    assertThat(file.toByteArray()).isEqualTo(segment(payloads));
  }

  @Test
  void whatLokiCouldNotDecodeIsNotWritten() throws IOException {
    LogWriter writer = writer(file);
    assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(new byte[] {7})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a record of Loki's: unknown record type 7, at byte 0");
    byte[] noChunk = Chunks.checkpoint(new byte[9], new byte[0]);
    assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(noChunk)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a chunk with magic number 00000000");
    byte[] checkpoint =
        Chunks.checkpoint(new Chunks.Builder(3, BlockCodec.GZIP).build(), new byte[0]);
    assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(checkpoint)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a record of a checkpoint of Loki's, which it does not take from its log");
    writer.flush();
    assertThat(file.size()).isZero();
  }

  @Test
  void aRecordThatCannotBeDecodedIsPassedOverAsLokiDoes() throws IOException {
    byte[] segment = segment(hex(LokiRecordTest.SERIES), new byte[] {7, 7}, hex(LokiRecordTest.V3));
    Outcome system = read(segment, AS_THE_SYSTEM);
    assertThat(system.records()).containsExactly(LokiRecordTest.SERIES, LokiRecordTest.V3);
    Damage expected = new Damage(Kind.CORRUPTION, 35, 9, "unknown record type 7, at byte 0");
    assertThat(system.damage()).containsExactly(expected);
    Outcome all = read(segment, ALL_THAT_IS_WHOLE);
    assertThat(all.records()).containsExactly(LokiRecordTest.SERIES, "0707", LokiRecordTest.V3);
    assertThat(all.damage()).containsExactly(expected);
    try (LogReader reader =
        LogReader.of(new ByteArrayInputStream(segment), ALL_THAT_IS_WHOLE, damage -> {})) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.next()).isTrue();
      assertThatThrownBy(reader::record).isInstanceOf(FormatException.class);
    }
  }

  @Test
  void aRecordWithoutBytesAndACheckpointWithABadChunkCannotBeDecoded() throws IOException {
    byte[] bad = Chunks.checkpoint(new byte[9], new byte[0]);
    Outcome outcome = readCheckpoint(segment(new byte[0], bad), AS_THE_SYSTEM);
    assertThat(outcome.records()).isEmpty();
    assertThat(outcome.damage()).hasSize(2).allMatch(d -> d.kind() == Kind.CORRUPTION);
  }

  @Test
  void aRecordOfACheckpointInTheLogIsOneOfAnUnknownType() throws IOException {
    byte[] checkpoint =
        Chunks.checkpoint(new Chunks.Builder(3, BlockCodec.GZIP).build(), new byte[0]);
    byte[] segment = segment(hex(LokiRecordTest.SERIES), checkpoint, hex(LokiRecordTest.V3));
    Outcome system = read(segment, AS_THE_SYSTEM);
    assertThat(system.records()).containsExactly(LokiRecordTest.SERIES, LokiRecordTest.V3);
    Damage expected =
        new Damage(
            Kind.CORRUPTION,
            35,
            7 + checkpoint.length,
            "unknown record type: 3, of checkpoints, in no directory of one, at byte 0");
    assertThat(system.damage()).containsExactly(expected);
    Outcome all = read(segment, ALL_THAT_IS_WHOLE);
    assertThat(all.records())
        .containsExactly(
            LokiRecordTest.SERIES, HexFormat.of().formatHex(checkpoint), LokiRecordTest.V3);
    assertThat(all.damage()).containsExactly(expected);
  }

  @Test
  void aRecordOfTheLogInACheckpointIsOneOfAnUnexpectedType() throws IOException {
    byte[] checkpoint =
        Chunks.checkpoint(new Chunks.Builder(3, BlockCodec.GZIP).build(), new byte[0]);
    String hex = HexFormat.of().formatHex(checkpoint);
    for (String misplaced :
        List.of(LokiRecordTest.SERIES, LokiRecordTest.V1, LokiRecordTest.V2, LokiRecordTest.V3)) {
      byte[] segment = segment(checkpoint, hex(misplaced), checkpoint);
      Outcome system = readCheckpoint(segment, AS_THE_SYSTEM);
      assertThat(system.records()).containsExactly(hex, hex);
      assertThat(system.damage())
          .containsExactly(
              new Damage(
                  Kind.CORRUPTION,
                  7 + checkpoint.length,
                  7 + misplaced.length() / 2,
                  "unexpected record type: %s, in a checkpoint, at byte 0"
                      .formatted(misplaced.charAt(1))));
      Outcome all = readCheckpoint(segment, ALL_THAT_IS_WHOLE);
      assertThat(all.records()).containsExactly(hex, misplaced, hex);
      assertThat(all.damage()).isEqualTo(system.damage());
    }
  }

  @Test
  void blocksOfChunksThatLokiSkipsAreToldAndTheirRecordIsShown() throws IOException {
    Chunks.Builder damaged = new Chunks.Builder(3, BlockCodec.NONE);
    for (int i = 0; i < 10; i++) {
      damaged.block(new byte[] {2, 0});
    }
    damaged.badBlock = true;
    byte[] good = new Chunks.Builder(3, BlockCodec.NONE).block(new byte[] {2, 0}).build();
    byte[] record = Chunks.checkpoint(List.of(good, damaged.build()), new byte[0]);
    byte[] segment = segment(record, record);
    for (Reading reading : Reading.values()) {
      Outcome outcome = readCheckpoint(segment, reading);
      assertThat(outcome.records()).hasSize(2);
      String block = "a block of 2 bytes with a wrong checksum, at byte ";
      assertThat(outcome.damage()).hasSize(2);
      assertThat(outcome.damage().getLast())
          .isEqualTo(
              new Damage(
                  Kind.CORRUPTION,
                  7 + record.length,
                  7 + record.length,
                  "Checksum does not match for a block in chunk, this block will be skipped: user"
                      + " fake, stream fedcba9876543210, chunk 2: "
                      + String.join(
                          "; ", IntStream.range(0, 8).mapToObj(i -> block + (6 + 6 * i)).toList())
                      + "; and 2 more"));
    }
  }

  @Test
  void ofManyChunksWithDamagedBlocksTheFirstAreNamedAndTheOthersCounted() throws IOException {
    Chunks.Builder damaged = new Chunks.Builder(3, BlockCodec.NONE).block(new byte[] {2, 0});
    damaged.badBlock = true;
    byte[] record = Chunks.checkpoint(Collections.nCopies(100, damaged.build()), new byte[0]);
    Outcome outcome = readCheckpoint(segment(record), AS_THE_SYSTEM);
    assertThat(outcome.records()).hasSize(1);
    assertThat(outcome.damage()).hasSize(9);
    assertThat(outcome.damage().getLast().reason())
        .endsWith("skipped: in 92 more chunks of the same stream");
  }

  @Test
  void aWrongChecksumEndsLokiWithoutAWord() throws IOException {
    byte[] segment = hex(FRAMED + FRAMED);
    segment[40] ^= 1;
    Outcome system = read(segment, AS_THE_SYSTEM);
    assertThat(system.records()).containsExactly(LokiRecordTest.SERIES);
    assertThat(system.damage())
        .singleElement()
        .extracting(Damage::kind, Damage::offset, Damage::bytes)
        .containsExactly(Kind.OVERLOOKED, 35L, segment.length - 35L);
    Outcome all = read(segment, ALL_THAT_IS_WHOLE);
    assertThat(all.records())
        .containsExactly(LokiRecordTest.SERIES, LokiRecordTest.SERIES, LokiRecordTest.V3);
    assertThat(all.damage()).singleElement().matches(d -> d.kind() == Kind.OVERLOOKED);
  }

  @Test
  void aRecordThatWasCutIsATornTail() throws IOException {
    byte[] segment = Arrays.copyOf(hex(FRAMED), 80);
    for (Reading reading : Reading.values()) {
      Outcome outcome = read(segment, reading);
      assertThat(outcome.records()).containsExactly(LokiRecordTest.SERIES);
      assertThat(outcome.damage())
          .singleElement()
          .extracting(Damage::kind, Damage::offset, Damage::bytes)
          .containsExactly(Kind.TORN_TAIL, 35L, 45L);
    }
  }

  // ---- sweeps

  private static byte[] swept() throws IOException {
    return segment(
        hex(LokiRecordTest.SERIES),
        hex(LokiRecordTest.V1),
        hex(LokiRecordTest.V2),
        hex(LokiRecordTest.V3),
        hex(LokiRecordTest.V1),
        hex(LokiRecordTest.V3));
  }

  private static byte[] sweptCheckpoint() throws IOException {
    byte[] data =
        new Chunks.Builder(4, BlockCodec.ZSTD).symbols("k", "v").block(new byte[5]).build();
    byte[] head = new Bytes().octets(5, 1).varint(Chunks.T).text("h").octets(1, 0, 1).array();
    byte[] record = Chunks.checkpoint(data, head);
    return segment(record, record, record, record, record, record);
  }

  @ParameterizedTest
  @EnumSource
  void noFlipAndNoCutShowsWhatWasNotWrittenOrLosesRecordsWithoutAWord(Reading reading)
      throws IOException {
    swept(swept(), (segment, damage) -> LogReader.of(segment, reading, damage));
  }

  @ParameterizedTest
  @EnumSource
  void noFlipAndNoCutOfACheckpointDoesEither(Reading reading) throws IOException {
    swept(sweptCheckpoint(), (segment, damage) -> LogReader.ofCheckpoint(segment, reading, damage));
  }

  private static void swept(byte[] file, Sweep.Opening opening) {
    Outcome healthy = Sweep.read(file, opening);
    assertThat(healthy.records()).hasSize(6);
    assertThat(healthy.complains()).isFalse();
    int[] silent = new int[1];
    Sweep.flips(file, opening, Sweep.nothingWrong(healthy));
    SortedSet<Integer> ends = new TreeSet<>();
    Sweep.cuts(
        file,
        opening,
        (what, outcome) -> {
          Sweep.Law law = Sweep.nothingWrong(healthy);
          if (outcome.complains()) {
            law.check(what, outcome);
            assertThat(outcome.damage()).as(what).allMatch(d -> d.kind() == Kind.TORN_TAIL);
          } else { // between two records, or within the zeros at the end of one: those are filled
            // up
            ends.add(outcome.records().size());
            assertThat(healthy.records().subList(0, outcome.records().size()))
                .as(what)
                .isEqualTo(outcome.records());
            silent[0]++;
          }
        });
    assertThat(ends).contains(0, 1, 2, 3, 4, 5);
    assertThat(silent[0]).isLessThanOrEqualTo(13);
  }

  @Test
  void everyFlipAndCutOfAPayloadIsDecodedOrRefused() throws IOException {
    byte[] zstd = Chunks.packed(BlockCodec.ZSTD);
    byte[] head = new Bytes().octets(5, 1).varint(Chunks.T).text("h").octets(1, 0, 1).array();
    List<byte[]> payloads = new ArrayList<>();
    payloads.add(hex(LokiRecordTest.SERIES));
    payloads.add(hex(LokiRecordTest.V3));
    payloads.add(
        Chunks.checkpoint(new Chunks.Builder(3, BlockCodec.ZSTD).block(zstd).build(), head));
    int decoded = 0;
    int refused = 0;
    for (byte[] payload : payloads) {
      for (int bit = 0; bit < payload.length * 8; bit++) {
        byte[] changed = payload.clone();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        try {
          decoded += Chunks.described(changed).length() > 0 ? 1 : 0;
        } catch (FormatException malformed) {
          refused++;
        }
      }
      for (int length = 0; length < payload.length; length++) {
        try {
          decoded += Chunks.described(Arrays.copyOf(payload, length)).length() > 0 ? 1 : 0;
        } catch (FormatException malformed) {
          refused++;
        }
      }
    }
    assertThat(decoded).isPositive();
    assertThat(refused).isPositive();
  }
}
