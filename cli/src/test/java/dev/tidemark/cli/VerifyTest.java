package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.formats.prometheus.SegmentCompression;
import dev.tidemark.formats.prometheus.SegmentWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `verify` and `inspect` answer, to people and to programs.
@Timeout(60)
class VerifyTest {
  private static final Path GOLDEN = Path.of("../leveldb/src/test/resources/golden");

  @TempDir private Path folder;

  private static List<Map<String, Object>> holes(Ran ran) {
    return JsonTree.objects(JsonTree.object(ran.out()), "holes");
  }

  @Test
  void aCleanLogIs0AndNothingIsOnStderr() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Ran ran = Ran.of("verify", log.path());
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("clean").contains("records: 30, LSN 1 to 30");
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void aTornTailAloneIs1() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.tearTail();
    Map<String, String> before = SmallLog.bytes(log.path());
    Ran ran = Ran.of("verify", log.path(), "--json");
    assertThat(ran.code()).as(ran.out()).isEqualTo(1);
    assertThat(holes(ran)).hasSize(1);
    assertThat(holes(ran).getFirst()).containsEntry("kind", "torn tail").containsKey("next");
    assertThat(SmallLog.bytes(log.path())).isEqualTo(before);
  }

  @Test
  void corruptionIs2AndEachHoleIsNamedWithFileOffsetBytesLsnsAndTheNextGoodRecord()
      throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path first = log.spoil("record 5");
    Path second = log.spoil("record 14");
    Ran ran = Ran.of("verify", "--json", log.path());
    assertThat(ran.code()).isEqualTo(2);
    assertThat(holes(ran)).hasSize(2);
    Map<String, Object> hole = holes(ran).getLast();
    assertThat(hole)
        .containsEntry("kind", "corruption")
        .containsEntry("file", second.getFileName().toString())
        .containsEntry("firstLsn", 14L)
        .containsEntry("lastLsn", 14L);
    long end = JsonTree.number(hole, "offset") + JsonTree.number(hole, "bytes");
    assertThat(hole.get("next"))
        .isEqualTo(Map.of("file", second.getFileName().toString(), "offset", end, "lsn", 15L));
    Ran said = Ran.of("verify", log.path());
    assertThat(said.out())
        .contains(first.getFileName() + " offset")
        .contains("LSN 5 to 5")
        .contains("next good record: " + second.getFileName() + " offset " + end + ", LSN 15")
        .contains("by the rule of tidemark");
  }

  @Test
  void oneFileIsTakenAsWellAsADirectory() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path file = log.spoil("record 5");
    assertThat(Ran.of("verify", file.toAbsolutePath()).code()).isEqualTo(2);
    assertThat(Ran.of("verify", log.segments().get(1)).code()).isZero();
  }

  @Test
  void aMissingSegmentADamagedManifestAndADamagedHeaderAreCorruption() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path manifest = log.path().resolve("manifest");
    byte[] whole = Files.readAllBytes(manifest);
    Files.write(manifest, new byte[whole.length]);
    assertThat(Ran.of("verify", log.path()).code()).isEqualTo(2);
    Files.write(manifest, whole);
    assertThat(Ran.of("verify", log.path()).code()).isZero();
    Files.delete(log.segments().get(1));
    Ran ran = Ran.of("verify", log.path());
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).contains("LSN 11 to 20");
  }

  @Test
  void anotherSystemsLogIsJudgedByItsOwnRule() {
    Ran clean = Ran.of("verify", GOLDEN.resolve("small-crash"));
    assertThat(clean.code()).as(clean.out()).isZero();
    Ran torn = Ran.of("verify", GOLDEN.resolve("torn-tail"), "--json");
    assertThat(torn.code()).isEqualTo(1);
    assertThat(holes(torn).getFirst()).containsEntry("file", "000003.log");
    Ran flipped = Ran.of("verify", GOLDEN.resolve("flipped-middle/000003.log"), "--json");
    assertThat(flipped.code()).isEqualTo(2);
    assertThat(holes(flipped).getFirst())
        .containsEntry("reason", "error in middle of record")
        .containsEntry("firstSequence", 172L)
        .containsEntry("lastSequence", 214L)
        .containsEntry("next", Map.of("file", "000003.log", "offset", 453751L, "sequence", 215L));
    assertThat(JsonTree.object(flipped.out()))
        .containsEntry("format", "leveldb")
        .containsEntry("lost", 43L)
        .containsKey("rule");
  }

  @Test
  void aTornSegmentOfPrometheussIsATornTailOnlyIfNothingWasWrittenBehindIt() throws Exception {
    Path wal = PrometheusLog.in(folder);
    assertThat(Ran.of("verify", wal).code()).isZero();
    PrometheusLog.tear(wal.resolve("00000002")); // an empty one is behind it
    assertThat(Ran.of("verify", wal).code()).isEqualTo(1);
    PrometheusLog.tear(wal.resolve("00000001"));
    Ran ran = Ran.of("verify", wal);
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out())
        .contains("corruption: 00000001 offset 136, 20 bytes")
        .contains("torn tail: 00000002 offset 136")
        .contains("not applied by prometheus: 00000002, 00000003")
        .contains("records: 18,");
    assertThat(Ran.of("verify", "--json", wal).out())
        .contains("\"notApplied\":\"00000002, 00000003\"");
    assertThat(Ran.of("dump", wal).lines()).hasSize(14);
    assertThat(Ran.of("dump", "--all", wal).lines()).hasSize(18);
  }

  @Test
  void damageInACheckpointOfLokisHidesTheRestOfTheCheckpointAndNotTheLog() throws Exception {
    String series = "010466616b6501010203040506070802036170700178036a6f620179";
    Path wal = folder.resolve("wal");
    for (String segment :
        List.of("checkpoint.000001/00000000", "checkpoint.000001/00000001", "00000002")) {
      Path file = wal.resolve(segment);
      Files.createDirectories(file.getParent());
      boolean log = segment.startsWith("0");
      try (SegmentWriter writer =
          SegmentWriter.of(Files.newOutputStream(file), SegmentCompression.NONE)) {
        writer.append(
            ByteBuffer.wrap(HexFormat.of().parseHex(log ? series : "030a0466616b651001")));
      }
    }
    assertThat(Ran.of("verify", wal).code()).isZero();
    assertThat(Ran.of("dump", wal).lines()).hasSize(3);
    Path damaged = wal.resolve("checkpoint.000001/00000000");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[10] ^= 1;
    Files.write(damaged, bytes);
    Ran dumped = Ran.of("dump", wal);
    assertThat(dumped.lines())
        .singleElement()
        .satisfies(line -> assertThat(line).contains("\"00000002\""));
    Ran ran = Ran.of("verify", wal);
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).contains("not applied by loki: checkpoint.000001/00000001\n");
  }

  @Test
  void aLogIsWhatTheUserSaysItIs() throws Exception {
    Path file = Files.createFile(folder.resolve("anything"));
    assertThat(Ran.of("verify", file).code()).isEqualTo(64);
    assertThat(Ran.of("verify", file, "--format", "leveldb").code()).isZero();
    Ran unknown = Ran.of("verify", file, "--format", "nonsense");
    assertThat(unknown.code()).isEqualTo(64);
    assertThat(unknown.err()).contains("nonsense").contains("leveldb").contains("tidemark");
  }

  @Test
  void inspectFitsAScreenAndIs0AlthoughTheLogIsDamaged() throws Exception {
    SmallLog log = SmallLog.in(folder);
    for (int n = 2; n <= 30; n += 4) {
      log.spoil("record " + n);
    }
    Ran ran = Ran.of("inspect", log.path());
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("a log of tidemark")
        .contains("corrupt")
        .contains("LSN 1 to 10")
        .contains("sealed");
    assertThat(ran.lines()).hasSizeLessThan(24);
    assertThat(ran.lines().stream().filter(line -> !line.contains(folder.toString())))
        .allMatch(line -> line.length() <= 100);
    Map<String, Object> json = JsonTree.object(Ran.of("inspect", "--json", log.path()).out());
    assertThat(json).containsEntry("format", "tidemark").containsEntry("verdict", "corrupt");
    assertThat((List<?>) json.get("files")).hasSizeGreaterThanOrEqualTo(3);
  }
}
