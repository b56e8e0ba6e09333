package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalLockedException;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A start that is refused because one log is damaged leaves every file of all logs byte for byte.
final class RefusedStartTest {
  private static final int SEGMENT = 64 << 10;
  private static final IngestOptions OPTIONS =
      DataFolder.ON_DEMAND.withSegmentBytes(SEGMENT).withFlush(1_000_000, Duration.ofHours(1));
  private static final String FIRST_SEGMENT = "0000000000000001.wal";

  /// Behind the header of the segment and that of its first frame.
  private static final int IN_THE_FIRST_RECORD = 256 + 64 + 8;

  @TempDir Path folder;
  private DataFolder killed;

  @BeforeEach
  void aServerWasKilledWithRowsInMemory() throws Exception {
    DataFolder running = new DataFolder(folder.resolve("running"));
    try (Ingest ingest = running.open(OPTIONS)) {
      for (int i = 0; i < 3; i++) {
        ingest.write(DataFolder.body("cpu v=" + i + "i,c" + i + "=1i " + i + "\n"));
      }
      killed = running.copiedTo(folder.resolve("killed"));
    }
  }

  private Path log(String name) {
    return killed.root().resolve("wal").resolve(name);
  }

  private void damage(String log) throws IOException {
    Path segment = log(log).resolve(FIRST_SEGMENT);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[IN_THE_FIRST_RECORD] ^= 1;
    Files.write(segment, bytes);
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        if (!path.endsWith("lock")) { // names the process that had it last
          files.put(
              root.relativize(path).toString(), HexFormat.of().formatHex(Files.readAllBytes(path)));
        }
      }
    }
    return files;
  }

  private void expectRefusedAndUntouched(String log) throws IOException {
    Map<String, String> before = files(killed.root());
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(() -> killed.open(OPTIONS))
          .isInstanceOf(CorruptWalException.class)
          .hasMessageContaining(log)
          .hasMessageContaining(FIRST_SEGMENT);
      assertThat(files(killed.root()).equals(before)).as("every file as it was").isTrue();
    }
  }

  @Test
  void becauseTheShardsLogIsDamaged() throws Exception {
    damage(Logs.shard(0));
    expectRefusedAndUntouched(Logs.shard(0));
  }

  @Test
  void becauseTheCatalogsLogIsDamaged() throws Exception {
    damage(Logs.CATALOG);
    expectRefusedAndUntouched(Logs.CATALOG);
  }

  @Test
  void becauseAnOlderSegmentIsDamagedThatOnlyReplayWouldRead() throws Exception {
    Path root = folder.resolve("long");
    try (Ingest ingest = new DataFolder(root).open(OPTIONS)) {
      for (int i = 0; i < 30; i++) {
        ingest.write(DataFolder.body("cpu,host=" + "h".repeat(SEGMENT / 10) + " v=1i " + i + "\n"));
      }
      killed = new DataFolder(root).copiedTo(folder.resolve("long-killed"));
    }
    assertThat(log(Logs.shard(0)).resolve("0000000000000003.wal")).exists();
    damage(Logs.shard(0));
    expectRefusedAndUntouched(Logs.shard(0));
  }

  @Test
  void becauseTheCatalogsCheckpointIsDamaged() throws Exception {
    for (int start = 0; start < 8; start++) { // each leaves a segment of the catalog's log
      try (Ingest ingest = killed.open(OPTIONS)) {
        ingest.write(DataFolder.body("cpu v=9i,s" + start + "=1i 9\n"));
      }
    }
    Path checkpoint;
    try (Stream<Path> files = Files.list(log(Logs.CATALOG))) {
      checkpoint =
          files
              .filter(f -> f.getFileName().toString().startsWith("checkpoint-"))
              .findAny()
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(checkpoint);
    bytes[bytes.length / 2] ^= 1;
    Files.write(checkpoint, bytes);
    Map<String, String> before = files(killed.root());
    assertThatThrownBy(() -> killed.open(OPTIONS))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining(checkpoint.getFileName().toString());
    assertThat(files(killed.root()).equals(before)).as("every file as it was").isTrue();
  }

  @Test
  void becauseTheLogOfAShardThatIsNoLongerInUseIsDamaged() throws Exception {
    String surplus = Logs.shard(1);
    try (Wal wal = Wal.open(log(surplus), WalOptions.builder().segmentBytes(SEGMENT).build())) {
      wal.append(new byte[10]);
      wal.append(new byte[10]);
    }
    damage(surplus);
    expectRefusedAndUntouched(surplus);
  }

  @Test
  void becauseSomebodyElseHasTheShardsLog() throws Exception {
    Path catalog = log(Logs.CATALOG);
    Map<String, String> before = files(catalog);
    try (Wal _ = Wal.open(log(Logs.shard(0)), WalOptions.builder().segmentBytes(SEGMENT).build())) {
      assertThatThrownBy(() -> killed.open(OPTIONS)).isInstanceOf(WalLockedException.class);
    }
    assertThat(files(catalog).equals(before)).as("every file as it was").isTrue();
  }

  @Test
  void becauseTheShardsLogIsMissingBesideTheCatalogs() throws Exception {
    expectRefusedWithout(Logs.shard(0), Logs.CATALOG);
  }

  @Test
  void becauseTheCatalogsLogIsMissingBesideTheShards() throws Exception {
    expectRefusedWithout(Logs.CATALOG, Logs.shard(0));
  }

  private void expectRefusedWithout(String missing, String beside) throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(log(missing), elsewhere);
    Map<String, String> before = files(killed.root());
    assertThatThrownBy(() -> killed.open(OPTIONS))
        .isInstanceOf(MissingLogException.class)
        .hasMessageContaining("wal/" + missing + " is missing")
        .hasMessageContaining("wal/" + beside)
        .hasMessageContaining("put its folder back");
    assertThat(files(killed.root()).equals(before)).as("every file as it was").isTrue();
    Files.move(elsewhere, log(missing));
    try (Ingest ingest = killed.open(OPTIONS)) {
      assertThat(ingest.metrics().bufferedRows()).isEqualTo(3);
    }
  }

  // A first start that was killed before it wrote anything.
  @Test
  void emptyLogBesideNoneIsNoReasonToRefuse() throws Exception {
    Path root = folder.resolve("begun");
    WalOptions options = WalOptions.builder().segmentBytes(SEGMENT).build();
    Wal.open(root.resolve("wal").resolve(Logs.CATALOG), options).close();
    try (Ingest ingest = new DataFolder(root).open(OPTIONS)) {
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
    }
  }

  @Test
  void whatWasRefusedStartsOnceTheDamageIsMended() throws Exception {
    damage(Logs.shard(0));
    expectRefusedAndUntouched(Logs.shard(0));
    damage(Logs.shard(0)); // the same bit again
    killed.recovered();
    assertThat(killed.values("cpu", "v")).containsExactly("0", "1", "2");
  }
}
