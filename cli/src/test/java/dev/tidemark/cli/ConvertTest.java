package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.logs.Targets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What `convert` writes: payloads as they are, in another container.
@Timeout(60)
class ConvertTest {
  private static final Path GOLDEN = Path.of("../leveldb/src/test/resources/golden");

  @TempDir private Path folder;

  private static List<String> formats() {
    return Targets.NAMES;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void payloadsOfOurOwnGoThereAndComeBack(String format) throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path there = folder.resolve("there");
    Ran ran = Ran.of("convert", log.path(), "--to", format, there);
    if (format.equals("loki")) { // which has no place for what is none of its records
      assertThat(ran.code()).isEqualTo(64);
      assertThat(ran.err()).contains("cannot be put into loki").contains("not a record of Loki's");
      assertThat(there).doesNotExist();
      return;
    }
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("30 records").contains(there.toString());
    Ran verified = Ran.of("verify", "--format", format, there);
    assertThat(verified.code()).as(verified.out()).isZero();
    if (format.equals("arc")) {
      assertThat(Ran.of("dump", "--format", format, there).out())
          .contains("\"payload\":\"record 30\"")
          .hasLineCount(30);
      return;
    }
    if (format.equals("banyandb")) {
      List<Map<String, Object>> lines =
          JsonTree.lines(Ran.of("dump", "--format", format, there).out());
      assertThat(lines).hasSize(1);
      assertThat((List<?>) lines.getFirst().get("values")).hasSize(30);
      assertThat(String.valueOf(lines.getFirst().get("values"))).startsWith("[7265636f72642031,");
      return;
    }
    Path back = folder.resolve("back");
    Ran returned = Ran.of("convert", "--format", format, there, back, "--to", "tidemark");
    assertThat(returned.code()).as(returned.err()).isZero();
    assertThat(Ran.of("dump", back, "--hex").out())
        .isEqualTo(Ran.of("dump", log.path(), "--hex").out());
  }

  @Test
  void writeBatchesComeBackByteForByte() throws Exception {
    Path source = GOLDEN.resolve("small-crash/000003.log");
    Path ours = folder.resolve("ours");
    assertThat(Ran.of("convert", source, ours, "--to", "tidemark").code()).isZero();
    Path back = folder.resolve("000003.log");
    Ran ran = Ran.of("convert", ours, back, "--to", "leveldb", "--strict");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(Files.mismatch(source, back)).isEqualTo(-1);
  }

  @Test
  void recordsOfPrometheusComeBackAsTheyWere() throws Exception {
    Path source = Path.of("../formats/src/test/resources/golden/prometheus/compressed/wal");
    Path ours = folder.resolve("ours");
    assertThat(Ran.of("convert", source, ours, "--to", "tidemark").code()).isZero();
    Path back = folder.resolve("back");
    Ran ran = Ran.of("convert", ours, back, "--to", "prometheus", "--strict");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(Ran.of("verify", back).code()).isZero();
    assertThat(Ran.of("dump", back, "--hex").out())
        .isEqualTo(Ran.of("dump", source, "--hex").out());
  }

  @Test
  void payloadsThatTheOtherSystemCouldNotReplayAreToldAndRefusedIfStrict() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path file = folder.resolve("000003.log");
    Ran strict = Ran.of("convert", log.path(), "--strict", "--to", "leveldb", file);
    assertThat(strict.code()).isEqualTo(64);
    assertThat(strict.err()).contains("is not what leveldb writes");
    assertThat(file).doesNotExist();
    Ran ran = Ran.of("convert", log.path(), "--to", "leveldb", file, "--json");
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).contains("30 of the records are not what leveldb writes");
    assertThat(JsonTree.object(ran.out())).containsEntry("foreignPayloads", 30L);
  }

  @Test
  void whatCannotBeWrittenIsRefusedAndWhatIsThereStays() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Ran unknown = Ran.of("convert", log.path(), "--to", "rocksdb", folder.resolve("no"));
    assertThat(unknown.code()).isEqualTo(64);
    assertThat(unknown.err()).contains("rocksdb").contains("leveldb");
    Path there = Files.writeString(folder.resolve("there"), "mine");
    assertThat(Ran.of("convert", log.path(), "--to", "leveldb", there).code()).isEqualTo(74);
    assertThat(Files.readString(there)).isEqualTo("mine");
    assertThat(Ran.of("convert", log.path(), "--to", "tidemark", log.path()).code()).isEqualTo(74);
    assertThat(Ran.of("convert", log.path(), folder.resolve("no")).code()).isEqualTo(64);
  }

  @Test
  void whatIsDamagedIsPassedOverAndTold() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.spoil("record 14");
    Path to = folder.resolve("to");
    Ran ran = Ran.of("convert", log.path(), "--to", "tidemark", to);
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("29 records");
    assertThat(ran.err()).contains("LSN 14 to 14");
  }
}
