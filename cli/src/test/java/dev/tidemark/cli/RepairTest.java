package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.logs.Trees;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `repair` says, writes, and leaves alone.
@Timeout(60)
class RepairTest {
  private static final Path GOLDEN = Path.of("../leveldb/src/test/resources/golden");

  @TempDir private Path folder;

  @Test
  void withoutToItIsADryRunThatSaysWhatIsKeptAndLost() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.spoil("record 14");
    Map<String, String> before = SmallLog.bytes(folder);
    Ran ran = Ran.of("repair", log.path());
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("would keep  29 records")
        .contains("would lose  1 LSN")
        .contains("LSN 14 to 14")
        .contains("nothing was written");
    assertThat(SmallLog.bytes(folder)).isEqualTo(before);
  }

  @Test
  void toMakesARepairedCopyAndTheDamagedLogStaysAsItIs() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.spoil("record 14");
    Map<String, String> before = SmallLog.bytes(log.path());
    Path to = folder.resolve("repaired");
    Ran ran = Ran.of("repair", log.path(), "--to", to);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("kept        29 records").contains("lost        1 LSN");
    assertThat(SmallLog.bytes(log.path())).isEqualTo(before);
    assertThat(Ran.of("verify", to).code()).isZero();
    assertThat(JsonTree.lines(Ran.of("dump", to).out())).hasSize(29);
    assertThat(Ran.of("verify", to).out()).contains("accepted hole").contains("LSN 14 to 14");
    try (Wal wal = Wal.open(to, SmallLog.OPTIONS)) {
      assertThat(wal.holes()).hasSize(1);
      assertThat(wal.append(new byte[1])).isGreaterThan(30);
    }
  }

  @Test
  void aManifestOfWhichBothSlotsAreDamagedIsMadeAgainFromTheHeaders() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Path manifest = log.path().resolve("manifest");
    SmallLog.flip(manifest, 40);
    SmallLog.flip(manifest, 4096 + 40);
    assertThat(Ran.of("verify", log.path()).code()).isEqualTo(2);
    Path to = folder.resolve("repaired");
    Ran ran = Ran.of("repair", "--to", to, "--json", log.path());
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(JsonTree.object(ran.out()))
        .containsEntry("kept", 30L)
        .containsEntry("dryRun", false);
    assertThat(Ran.of("verify", to).code()).isZero();
    assertThat(JsonTree.lines(Ran.of("dump", to).out())).hasSize(30);
  }

  @Test
  void inPlaceItFirstMakesACompleteCopyBesideIt() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.spoil("record 5");
    Map<String, String> before = SmallLog.bytes(log.path());
    Ran ran = Ran.of("repair", log.path(), "--in-place");
    assertThat(ran.code()).as(ran.err()).isZero();
    Path copy = folder.resolve("log.before-repair-1");
    assertThat(ran.out()).contains(copy.toString());
    Map<String, String> kept = SmallLog.bytes(copy);
    kept.remove("lock");
    before.remove("lock");
    assertThat(kept).isEqualTo(before);
    assertThat(Ran.of("verify", log.path()).code()).isZero();
    assertThat(Ran.of("verify", copy).code()).isEqualTo(2);
  }

  @Test
  void aLogThatIsInUseIsNotRepairedInPlaceAndNothingIsLeftBehind() throws Exception {
    SmallLog log = SmallLog.in(folder);
    try (Wal wal = Wal.open(log.path(), SmallLog.OPTIONS)) {
      wal.append(new byte[1]);
      log.spoil("record 5");
      Ran ran = Ran.of("repair", "--in-place", log.path());
      assertThat(ran.code()).isEqualTo(74);
      assertThat(ran.err()).contains("locked");
      assertThat(names(folder)).containsExactly("log");
    }
  }

  private static String[] names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toArray(String[]::new);
    }
  }

  @Test
  void aCleanLogIsLeftAloneAndACleanCopyIsNotMade() throws Exception {
    SmallLog log = SmallLog.in(folder);
    Ran ran = Ran.of("repair", log.path(), "--to", folder.resolve("no"));
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("nothing to repair");
    assertThat(folder.resolve("no")).doesNotExist();
  }

  @Test
  void whatIsThereIsNeverOverwritten() throws Exception {
    SmallLog log = SmallLog.in(folder);
    log.spoil("record 5");
    Path there = Files.createDirectories(folder.resolve("there"));
    assertThat(Ran.of("repair", log.path(), "--to", there).code()).isEqualTo(64);
    assertThat(Ran.of("repair", log.path(), "--to", there, "--in-place").code()).isEqualTo(64);
    assertThat(Ran.of("repair", log.segments().getFirst()).code()).isEqualTo(64);
  }

  @Test
  void segmentsThatPrometheusItselfWouldDropAreKeptAndNamed() throws Exception {
    Path wal = PrometheusLog.in(folder);
    PrometheusLog.tear(wal.resolve("00000001"));
    Ran dry = Ran.of("repair", wal);
    assertThat(dry.code()).isZero();
    assertThat(dry.out())
        .contains("would keep  24 records")
        .contains("would keep  00000002, 00000003: prometheus itself applies nothing of it");
    Path to = folder.resolve("repaired");
    Ran ran = Ran.of("repair", wal, "--to", to);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("kept        24 records")
        .contains("kept        00000002, 00000003: prometheus itself applies nothing of it")
        .contains("00000001 written anew with 4 records");
    assertThat(Ran.of("verify", to).code()).isZero();
    assertThat(Ran.of("dump", to).lines()).hasSize(24);
  }

  @Test
  void anotherSystemsDamagedFileIsWrittenAnewWithWhatTheSystemItselfWouldKeep() throws Exception {
    Path source = GOLDEN.resolve("flipped-middle");
    Path to = folder.resolve("repaired");
    Ran ran = Ran.of("repair", source, "--to", to);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("kept        79 records").contains("000003.log written anew");
    assertThat(Ran.of("verify", to).code()).isZero();
    assertThat(Ran.of("dump", to, "--hex").out()).isEqualTo(Ran.of("dump", source, "--hex").out());
    assertThat(to.resolve("CURRENT")).exists();
    Path torn = folder.resolve("torn");
    Trees.copy(GOLDEN.resolve("torn-tail"), torn);
    assertThat(Ran.of("repair", torn, "--in-place").code()).isZero();
    assertThat(Ran.of("verify", torn).code()).isZero();
    assertThat(Ran.of("verify", folder.resolve("torn.before-repair-1")).code()).isEqualTo(1);
    Path alone = folder.resolve("alone");
    Ran one = Ran.of("repair", source.resolve("000003.log"), "--to", alone);
    assertThat(one.code()).as(one.err()).isZero();
    assertThat(Ran.of("verify", alone.resolve("000003.log")).code()).isZero();
  }
}
