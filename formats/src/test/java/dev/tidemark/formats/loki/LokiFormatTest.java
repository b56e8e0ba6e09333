package dev.tidemark.formats.loki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.Described;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.LogFormat.Reach;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import dev.tidemark.formats.prometheus.PrometheusFormat;
import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LokiFormatTest {
  private final LokiFormat format = new LokiFormat();
  private final PrometheusFormat prometheus = new PrometheusFormat();

  @TempDir private Path directory;

  private Path segment(String name, String... payloads) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    try (SegmentWriter writer =
        SegmentWriter.of(Files.newOutputStream(file), SegmentCompression.NONE)) {
      for (String payload : payloads) {
        writer.append(ByteBuffer.wrap(HexFormat.of().parseHex(payload)));
      }
    }
    return file;
  }

  private static String checkpoint() {
    byte[] data = new Chunks.Builder(4, BlockCodec.GZIP).build();
    return HexFormat.of().formatHex(Chunks.checkpoint(data, new byte[0]));
  }

  @Test
  void theHighestCheckpointIsReplayedAndThenAllSegments() throws IOException {
    Path zero = segment("00000000", LokiRecordTest.SERIES);
    Path one = segment("00000001", LokiRecordTest.V3);
    Path two = segment("00000002");
    segment("checkpoint.000000/00000000", checkpoint());
    Path checkpoint = segment("checkpoint.000001/00000000", checkpoint());
    segment("checkpoint.000002.tmp/00000000", checkpoint());
    Files.createFile(directory.resolve("LOCK"));
    assertThat(format.files(directory)).containsExactly(checkpoint, zero, one, two);
    assertThat(format.files(one)).containsExactly(one);
  }

  @Test
  void theDirectoryAroundTheLogWillDo() throws IOException {
    Path segment = segment("wal/00000007", LokiRecordTest.SERIES);
    assertThat(format.files(directory)).containsExactly(segment);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void aDirectoryInWhichASegmentIsMissingIsRefused() throws IOException {
    segment("00000000", LokiRecordTest.SERIES);
    segment("00000002", LokiRecordTest.V3);
    assertThatThrownBy(() -> format.files(directory))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("segments are not sequential");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {LokiRecordTest.SERIES, LokiRecordTest.V1, LokiRecordTest.V2, LokiRecordTest.V3})
  void recordsOfEachKindAreLokisAndNotPrometheuss(String payload) throws IOException {
    Path segment = segment("00000000", payload, payload);
    assertThat(format.likeness(segment)).isEqualTo(Likeness.CONTENT);
    assertThat(prometheus.likeness(segment)).isEqualTo(Likeness.NONE);
    assertThat(format.likeness(directory)).isEqualTo(Likeness.CONTENT);
    assertThat(prometheus.likeness(directory)).isEqualTo(Likeness.NONE);
  }

  @Test
  void aCheckpointIsLokisAndNotPrometheuss() throws IOException {
    Path segment = segment("checkpoint.000003/00000000", checkpoint());
    for (Path path : List.of(segment, segment.getParent(), directory)) {
      assertThat(format.likeness(path)).isEqualTo(Likeness.CONTENT);
      assertThat(prometheus.likeness(path)).isEqualTo(Likeness.NONE);
    }
  }

  @Test
  void aRecordLongerThanWhatIsLookedAtIsKnownByItsBeginning() throws IOException {
    String line = "61".repeat(600_000);
    String entries = "050466616b6517979cfe362a0000" + "00".repeat(16) + "0100" + "c0cf24" + line;
    Path segment = segment("00000000", entries + "00");
    assertThat(format.likeness(segment)).isEqualTo(Likeness.CONTENT);
    assertThat(prometheus.likeness(segment)).isEqualTo(Likeness.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000010103617070017800000000000000020103617070017a", // two series
        "0200000000000000010000018bcfe56800000000000000000000", // samples
        "02", // no samples
        "0300000000000000010204", // a tombstone
        "0500000000000000010000000000000002", // a marker
        "0601010204554e4954000448454c5000" // metadata
      })
  void recordsOfPrometheussAreNotLokis(String payload) throws IOException {
    assertThat(format.likeness(segment("00000000", payload, payload))).isEqualTo(Likeness.NONE);
  }

  @Test
  void segmentsWithoutRecordsAreKnownByTheirNames() throws IOException {
    Path segment = segment("00000000");
    assertThat(Files.size(segment)).isZero();
    assertThat(format.likeness(directory)).isEqualTo(Likeness.NAME);
    assertThat(format.likeness(Files.createDirectory(directory.resolve("empty"))))
        .isEqualTo(Likeness.NONE);
  }

  @Test
  void recordsAreReadAndDescribed() throws IOException {
    Path segment = segment("00000000", LokiRecordTest.SERIES, LokiRecordTest.V3);
    try (RecordReader reader =
        format.open(segment, Reading.AS_THE_SYSTEM, DamageListener.ignoring())) {
      assertThat(reader.next()).isTrue();
      assertThat(Described.by(sink -> format.describe(reader.payload(), sink)))
          .startsWith("{type: \"series\", user: \"fake\", ");
      assertThat(format.sequences(reader.payload())).isEmpty();
      assertThat(reader.next()).isTrue();
      assertThat(reader.next()).isFalse();
    }
    assertThat(format.name()).isEqualTo("loki");
  }

  @Test
  void damageOfTheFramingHidesLaterSegmentsAndARecordThatCannotBeDecodedDoesNot()
      throws IOException {
    Path segment = segment("00000000", LokiRecordTest.SERIES, "07", LokiRecordTest.V3);
    byte[] bytes = Files.readAllBytes(segment);
    assertThat(reaches(bytes)).containsExactly(Reach.FILE);
    byte[] flipped = bytes.clone();
    flipped[9] ^= 1;
    assertThat(reaches(flipped)).containsExactly(Reach.DIRECTORY);
    byte[] header = Arrays.copyOf(bytes, 35 + 8 + 2);
    assertThat(reaches(header)).containsExactly(Reach.FILE, Reach.FILE);
    byte[] torn = Arrays.copyOf(bytes, 35 + 8 + 20);
    assertThat(reaches(torn)).containsExactly(Reach.FILE, Reach.DIRECTORY);
  }

  @Test
  void aHeaderAloneAtTheEndOfAPageMeetsTheNextSegmentAndHidesIt() throws IOException {
    // The header's 7 bytes are the last of the page: Loki reads its data from the next segment.
    String filler = "0502666b" + "00".repeat(8) + "00".repeat(16) + "0100";
    int page = 32 << 10;
    int line = page - 7 - 7 - filler.length() / 2 - 3 - 1;
    String entries =
        filler + HexFormat.of().formatHex(new Bytes().uvarint(line).array()) + "61".repeat(line);
    Path segment = segment("00000000", entries + "00");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[page - 7] = 1;
    bytes[page - 5] = 100;
    assertThat(reaches(bytes)).containsExactly(Reach.DIRECTORY);
  }

  private List<Reach> reaches(byte[] bytes) throws IOException {
    List<Reach> reaches = new ArrayList<>();
    Path file = Files.write(directory.resolve("00000009"), bytes);
    try (RecordReader reader =
        format.open(
            file, Reading.AS_THE_SYSTEM, damage -> reaches.add(format.reach(file, damage)))) {
      while (reader.next()) {
        assertThat(reader.payload().hasRemaining()).isTrue();
      }
    }
    return reaches;
  }

  @Test
  void whatMayBeInASegmentIsToldByTheNameOfItsDirectory() throws IOException {
    Path checkpoint = segment("checkpoint.000003/00000000", checkpoint(), LokiRecordTest.SERIES);
    Path log = segment("00000004", checkpoint(), LokiRecordTest.SERIES);
    assertThat(kinds(checkpoint)).containsExactly("checkpoint", "CORRUPTION");
    assertThat(kinds(log)).containsExactly("CORRUPTION", "series");
    Path unfinished = segment("checkpoint.000005.tmp/00000000", checkpoint());
    assertThat(kinds(unfinished)).containsExactly("checkpoint");
  }

  private List<String> kinds(Path segment) throws IOException {
    List<String> kinds = new ArrayList<>();
    try (RecordReader reader =
        format.open(segment, Reading.AS_THE_SYSTEM, damage -> kinds.add(damage.kind().name()))) {
      while (reader.next()) {
        kinds.add(
            LokiRecord.decode(reader.payload()) instanceof LokiRecord.Checkpoint
                ? "checkpoint"
                : "series");
      }
    }
    return kinds;
  }
}
