package dev.tidemark.formats.prometheus;

import static dev.tidemark.formats.prometheus.Fragments.corruption;
import static dev.tidemark.formats.prometheus.Fragments.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.DamageListener;
import dev.tidemark.formats.LogFormat.Likeness;
import dev.tidemark.formats.LogFormat.Reach;
import dev.tidemark.formats.Reading;
import dev.tidemark.formats.RecordReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusFormatTest {
  private static final PrometheusFormat FORMAT = new PrometheusFormat();

  @TempDir private Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  private static byte[] segment(SegmentCompression compression) {
    return Fragments.written(
        compression,
        PrometheusRecords.all().stream().map(record -> bytes(record.encode())).toList());
  }

  @ParameterizedTest
  @EnumSource
  void aSegmentIsKnownByItsRecordsWhateverItsName(SegmentCompression compression)
      throws IOException {
    assertThat(FORMAT.likeness(file("some.log", segment(compression)))).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void aDirectoryIsKnownByItsSegmentsCheckpointsOrWal() throws IOException {
    byte[] segment = segment(SegmentCompression.SNAPPY);
    file("one/00000000", new byte[0]);
    file("one/00000001", segment);
    file("two/checkpoint.00000001/00000000", segment);
    file("three/wal/00000000", segment);
    file("four/wal/checkpoint.00000004/00000000", segment);
    for (String name : List.of("one", "two", "three", "four")) {
      assertThat(FORMAT.likeness(folder.resolve(name))).as(name).isEqualTo(Likeness.CONTENT);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Loki's: series, lines of versions 1 to 3, a stream in a checkpoint
        "010466616b6501010203040506070802036170700178036a6f620179",
        "020466616b6517979cfe362a0000010203040506070803000161020262630100",
        "040466616b6517979cfe362a00000102030405060708000000000000000303000161020262630100",
        "050466616b6517979cfe362a0000010203040506070800000000000000030300016100"
            + "0202626301016b0176010000",
        "030a0466616b65109aacf0b6c7e5d4c3b201",
        // of a length that mmap markers could have
        "050666616b653132" + "1111111111111111",
      })
  void recordsOfLokiAreNotTakenForPrometheuss(String record) throws IOException {
    byte[] segment =
        Fragments.written(SegmentCompression.NONE, List.of(HexFormat.of().parseHex(record)));
    assertThat(FORMAT.likeness(file("00000000", segment))).isEqualTo(Likeness.NONE);
  }

  @Test
  void aLongFirstRecordIsKnownByItsBeginning() throws IOException {
    byte[] series = new byte[2 << 20];
    series[0] = 1;
    byte[] loki = series.clone();
    loki[1] = 4;
    assertThat(
            FORMAT.likeness(file("a", Fragments.written(SegmentCompression.NONE, List.of(series)))))
        .isEqualTo(Likeness.CONTENT);
    assertThat(
            FORMAT.likeness(file("b", Fragments.written(SegmentCompression.NONE, List.of(loki)))))
        .isEqualTo(Likeness.NONE);
  }

  @Test
  void namesAloneAreNames() throws IOException {
    assertThat(FORMAT.likeness(file("00000000", new byte[0]))).isEqualTo(Likeness.NAME);
    assertThat(FORMAT.likeness(file("00000001", record(500, 1)))).isEqualTo(Likeness.NAME);
    assertThat(FORMAT.likeness(folder)).isEqualTo(Likeness.NAME);
    assertThat(FORMAT.likeness(file("x/some.log", record(500, 1)))).isEqualTo(Likeness.NONE);
    assertThat(FORMAT.likeness(folder.resolve("x"))).isEqualTo(Likeness.NONE);
    assertThat(FORMAT.likeness(file("y/empty", new byte[0]))).isEqualTo(Likeness.NONE);
  }

  @Test
  void damagedSegmentsAreKnownByWhatIsWholeInThem() throws IOException {
    byte[] segment = segment(SegmentCompression.NONE);
    segment[10] ^= 1;
    assertThat(FORMAT.likeness(file("00000000", segment))).isEqualTo(Likeness.CONTENT);
  }

  @Test
  void filesAreThoseOfTheDirectoryOrOfItsWal() throws IOException {
    Path one = file("data/wal/00000000", new byte[0]);
    Path two = file("data/wal/00000001", new byte[0]);
    assertThat(FORMAT.files(folder.resolve("data"))).containsExactly(one, two);
    assertThat(FORMAT.files(folder.resolve("data/wal"))).containsExactly(one, two);
    assertThat(FORMAT.files(two)).containsExactly(two);
    assertThatThrownBy(
            () ->
                FORMAT.open(
                    folder.resolve("gone"), Reading.AS_THE_SYSTEM, DamageListener.ignoring()))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aWholeRecordThatCannotBeDecodedIsCorruptionAsForPrometheus() throws IOException {
    byte[] good = bytes(PrometheusRecords.all().getFirst().encode());
    byte[] bad = {2, 1, 2, 3};
    byte[] unknown = {99, 1, 2, 3};
    Path file =
        file(
            "00000000",
            Fragments.written(SegmentCompression.NONE, List.of(unknown, bad, new byte[0], good)));
    List<Damage> damage = new ArrayList<>();
    String reason =
        "decode samples: the first ref has 8 bytes, of which only 3 are there, at byte 1";
    assertThat(records(file, Reading.AS_THE_SYSTEM, damage)).containsExactly("63010203");
    assertThat(damage).containsExactly(corruption(11, SegmentLayout.PAGE_BYTES - 11, reason));
    damage.clear();
    assertThat(records(file, Reading.ALL_THAT_IS_WHOLE, damage))
        .containsExactly("63010203", "02010203", "", HexFormat.of().formatHex(good));
    assertThat(damage).containsExactly(corruption(11, 11, reason));
  }

  @Test
  void aRecordThatPrometheusPassesOverInThisLogIsOverlookedIfItCannotBeDecoded()
      throws IOException {
    byte[] good = bytes(PrometheusRecords.all().get(1).encode());
    for (String place : List.of("wal", "wbl")) {
      boolean outOfOrder = place.equals("wbl");
      byte[] bad = {(byte) (outOfOrder ? 1 : 5), 1, 2, 3};
      byte[] ends = {(byte) (outOfOrder ? 5 : 1), 1, 2, 3};
      byte[] segment = Fragments.written(SegmentCompression.NONE, List.of(bad, good, ends, good));
      Path file = file(place + "/00000000", segment);
      List<Damage> damage = new ArrayList<>();
      assertThat(records(file, Reading.AS_THE_SYSTEM, damage))
          .containsExactly(HexFormat.of().formatHex(bad), HexFormat.of().formatHex(good));
      assertThat(damage)
          .extracting(Damage::kind)
          .containsExactly(Damage.Kind.OVERLOOKED, Damage.Kind.CORRUPTION);
      assertThat(FORMAT.reach(file, damage.getFirst())).isEqualTo(Reach.FILE);
      assertThat(FORMAT.reach(file, damage.getLast())).isEqualTo(Reach.LOG);
    }
  }

  private static List<String> records(Path file, Reading reading, List<Damage> damage)
      throws IOException {
    List<String> records = new ArrayList<>();
    try (RecordReader reader = FORMAT.open(file, reading, damage::add)) {
      while (reader.next()) {
        records.add(HexFormat.of().formatHex(bytes(reader.payload())));
      }
      assertThat(reader.next()).isFalse();
    }
    return records;
  }

  @Test
  void damageHidesAllFilesBehindItUnlessPrometheusSaysNothingOfIt() throws IOException {
    byte[] healthy = new Fragments().add(SegmentLayout.FULL, record(100, 1)).bytes();
    byte[] flipped = healthy.clone();
    flipped[9] ^= 1;
    byte[] torn = Arrays.copyOf(healthy, 50);
    byte[] empty = Arrays.copyOf(healthy, 2);
    byte[] header =
        new Fragments()
            .add(SegmentLayout.FULL, record(SegmentLayout.PAGE_BYTES - 14, 1))
            .addClaiming(SegmentLayout.FULL, 100, new byte[0])
            .bytes();
    byte[] open = new Fragments().add(SegmentLayout.FIRST, record(100, 1)).toPageEnd().bytes();
    for (String directory : List.of("wal", "wal/checkpoint.00000003")) {
      assertThat(reach(directory + "/00000000", flipped)).isEqualTo(Reach.LOG);
      assertThat(reach(directory + "/00000000", torn)).isEqualTo(Reach.LOG);
      assertThat(reach(directory + "/00000000", empty)).isEqualTo(Reach.FILE);
      assertThat(reach(directory + "/00000000", header)).isEqualTo(Reach.FILE);
      assertThat(reach(directory + "/00000000", open)).isEqualTo(Reach.FILE);
    }
    // A checkpoint's segments are one stream: a record that is open meets the next segment.
    file("wal/00000001", healthy);
    file("wal/checkpoint.00000003/00000001", healthy);
    assertThat(reach("wal/00000000", header)).isEqualTo(Reach.FILE);
    assertThat(reach("wal/00000000", open)).isEqualTo(Reach.FILE);
    assertThat(reach("wal/checkpoint.00000003/00000000", empty)).isEqualTo(Reach.FILE);
    assertThat(reach("wal/checkpoint.00000003/00000000", header)).isEqualTo(Reach.LOG);
    assertThat(reach("wal/checkpoint.00000003/00000000", open)).isEqualTo(Reach.LOG);
  }

  private Reach reach(String name, byte[] segment) throws IOException {
    List<Damage> damage = new ArrayList<>();
    Path file = file(name, segment);
    try (RecordReader reader = FORMAT.open(file, Reading.AS_THE_SYSTEM, damage::add)) {
      while (reader.next()) {
        damage.clear(); // there is none before a record here
      }
    }
    assertThat(damage).hasSize(1);
    return FORMAT.reach(file, damage.getFirst());
  }

  @Test
  void theRuleIsSaidAndRecordsHaveNoNumbers() {
    assertThat(FORMAT.name()).isEqualTo("prometheus");
    assertThat(FORMAT.rule()).contains("first damage");
    assertThat(FORMAT.sequences(PrometheusRecords.all().getFirst().encode())).isEmpty();
  }
}
