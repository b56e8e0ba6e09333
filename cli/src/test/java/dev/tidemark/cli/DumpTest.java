package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Wal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `dump` and `stats` write.
@Timeout(60)
class DumpTest {
  private static final Path GOLDEN = Path.of("../leveldb/src/test/resources/golden");

  @TempDir private Path folder;

  private static List<Object> lsns(Ran ran) {
    List<Object> lsns = new ArrayList<>();
    JsonTree.lines(ran.out()).forEach(line -> lsns.add(line.get("lsn")));
    return lsns;
  }

  @Test
  void eachRecordIsAnObjectOnALineThatSaysWhereItStands() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Ran ran = Ran.of("dump", log.path());
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    List<Map<String, Object>> lines = JsonTree.lines(ran.out());
    assertThat(lines).hasSize(30);
    for (int i = 0; i < 30; i++) {
      Map<String, Object> line = lines.get(i);
      assertThat(line)
          .containsEntry("lsn", i + 1L)
          .containsEntry("payload", "record " + (i + 1))
          .containsEntry("bytes", (long) ("record " + (i + 1)).length());
      byte[] file = Files.readAllBytes(log.path().resolve(JsonTree.text(line, "file")));
      int at = Math.toIntExact(JsonTree.number(line, "offset")) + 4; // behind the length
      int length = Math.toIntExact(JsonTree.number(line, "bytes"));
      assertThat(new String(file, at, length, StandardCharsets.UTF_8))
          .isEqualTo(line.get("payload"));
    }
  }

  @Test
  void fromToAndLimitChooseWhereverTheOptionsStand() throws Exception {
    SmallLog log = SmallLog.in(folder);
    assertThat(lsns(Ran.of("dump", "--from", 8, log.path(), "--to", 12)))
        .containsExactly(8L, 9L, 10L, 11L, 12L);
    assertThat(lsns(Ran.of("dump", log.path(), "--limit=2", "--from=29")))
        .containsExactly(29L, 30L);
    assertThat(Ran.of("dump", log.path(), "--limit", 0).out()).isEmpty();
    assertThat(lsns(Ran.of("dump", "--limit", "1", "--from", 11, log.segments().get(1))))
        .containsExactly(11L);
    Path leveldb = GOLDEN.resolve("small-crash").toAbsolutePath();
    List<Map<String, Object>> some =
        JsonTree.lines(Ran.of("dump", leveldb, "--from", 39, "--to", 39).out());
    assertThat(some).hasSize(1);
    assertThat(some.getFirst()).containsEntry("sequence", 39L).containsEntry("offset", 10532L);
  }

  @Test
  void rawIsThePayloadsAloneAndHexIsALineOfThem() throws Exception {
    SmallLog log = SmallLog.in(folder);
    assertThat(Ran.of("dump", log.path(), "--raw", "--to", 2).out()).isEqualTo("record 1record 2");
    assertThat(Ran.of("dump", log.path(), "--hex", "--limit", 1).out())
        .isEqualTo("7265636f72642031\n");
    assertThat(Ran.of("dump", log.path(), "--hex", "--raw").code()).isEqualTo(64);
  }

  @Test
  void aPayloadThatIsNoTextIsInHex() throws Exception {
    Path path = folder.resolve("bytes");
    try (Wal wal = Wal.open(path, SmallLog.OPTIONS)) {
      wal.append(new byte[] {(byte) 0xff, 0, 1});
    }
    assertThat(JsonTree.lines(Ran.of("dump", path).out()).getFirst())
        .containsEntry("payloadHex", "ff0001")
        .doesNotContainKey("payload");
  }

  @Test
  void aDamagedLogIsDumpedWithAWarningAndIs0() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path file = log.spoil("record 14");
    Ran ran = Ran.of("dump", log.path());
    assertThat(ran.code()).isZero();
    assertThat(lsns(ran)).hasSize(29).doesNotContain(14L);
    assertThat(ran.err())
        .contains("corruption")
        .contains(file.getFileName().toString())
        .contains("LSN 14 to 14");
  }

  @Test
  void writeBatchesAreDecodedAtTheTopOfTheLine() {
    Ran ran = Ran.of("dump", GOLDEN.resolve("small-crash/000003.log"));
    assertThat(ran.code()).isZero();
    List<Map<String, Object>> lines = JsonTree.lines(ran.out());
    assertThat(lines).hasSize(200);
    Map<String, Object> line = lines.get(1);
    assertThat(line)
        .containsEntry("file", "000003.log")
        .containsEntry("offset", 10532L)
        .containsEntry("bytes", 36L)
        .containsEntry("sequence", 39L)
        .containsEntry("count", 1L);
    assertThat((List<?>) line.get("operations")).hasSize(1);
  }

  @Test
  void ofADamagedLogItShowsWhatTheSystemItselfShows() {
    Ran ran = Ran.of("dump", GOLDEN.resolve("flipped-middle"));
    assertThat(ran.code()).isZero();
    assertThat(JsonTree.lines(ran.out())).hasSize(79);
    assertThat(ran.err()).contains("checksum mismatch").contains("by the rule of leveldb");
  }

  @Test
  void samplesOfPrometheusAreDecodedAtTheTopOfTheLine() {
    Path data = Path.of("../formats/src/test/resources/golden/prometheus/plain");
    List<Map<String, Object>> lines = JsonTree.lines(Ran.of("dump", data).out());
    assertThat(lines).isNotEmpty();
    Map<String, Object> series = lines.getFirst();
    assertThat(series).containsEntry("type", "series").containsEntry("file", "wal/00000000");
    Map<String, Object> first = JsonTree.objects(series, "series").getFirst();
    assertThat(first).containsEntry("ref", 1L).containsKey("labels");
    Map<String, Object> samples =
        lines.stream().filter(line -> "samples".equals(line.get("type"))).findFirst().orElseThrow();
    assertThat(JsonTree.objects(samples, "samples").getFirst()).containsKeys("ref", "t", "v");
  }

  @Test
  void numbersThatJsonCannotSayAreTexts() throws Exception {
    // A samples record: type, two numbers that the others are differences to, then ref, t and v.
    java.nio.ByteBuffer record = java.nio.ByteBuffer.allocate(17 + 3 * 10).put((byte) 2);
    record.putLong(7).putLong(1000);
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1 / 0.0}) {
      record.put((byte) 0).put((byte) 0).putDouble(value);
    }
    Path file = folder.resolve("00000000");
    try (java.io.OutputStream out = Files.newOutputStream(file);
        dev.tidemark.formats.prometheus.SegmentWriter writer =
            dev.tidemark.formats.prometheus.SegmentWriter.of(
                out, dev.tidemark.formats.prometheus.SegmentCompression.NONE)) {
      writer.append(record.flip());
    }
    Ran ran = Ran.of("dump", "--format", "prometheus", file);
    assertThat(ran.out()).contains("\"v\":\"NaN\"", "\"v\":\"+Inf\"", "\"v\":\"-Inf\"");
    assertThat(JsonTree.lines(ran.out())).hasSize(1);
  }

  @Test
  void aRecordThatCannotBeDecodedIsShownInHexWithTheReason() throws Exception {
    // A log of LevelDB whose record is no write batch.
    Path file = folder.resolve("000007.log");
    try (java.io.OutputStream out = Files.newOutputStream(file)) {
      dev.tidemark.formats.leveldb.LogWriter writer =
          new dev.tidemark.formats.leveldb.LogWriter(out);
      writer.append(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3}));
      writer.flush();
    }
    Ran ran = Ran.of("dump", "--format", "leveldb", file);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(JsonTree.lines(ran.out()).getFirst())
        .containsEntry("payloadHex", "010203")
        .containsKey("error");
  }

  @Test
  void statsCountsAndDrawsAHistogram() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Ran ran = Ran.of("stats", log.path());
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("30, LSN 1 to 30").contains("8 to 15").contains("█");
    assertThat(ran.lines()).allMatch(line -> line.length() <= 100);
    Map<String, Object> json = JsonTree.object(Ran.of("stats", log.path(), "--json").out());
    assertThat(json)
        .containsEntry("records", 30L)
        .containsEntry("smallest", 8L)
        .containsEntry("largest", 9L)
        .containsEntry("payloadBytes", 9 * 8L + 21 * 9L);
    assertThat(json.get("histogram"))
        .isEqualTo(List.of(Map.of("fromBytes", 8L, "toBytes", 15L, "records", 30L)));
  }
}
