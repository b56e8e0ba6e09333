package dev.tidemark.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How a start goes that cannot go well, or is not let go on.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StartTest {
  private static final int MOST_TRIES = 20;

  @TempDir private Path folder;

  @Test
  void aDamagedLogIsRefusedByNameAndNotChanged() throws Exception {
    Path data = killedAfterWriting(2000);
    Path segment = data.resolve("wal/shard-0000/0000000000000001.wal");
    byte[] bytes = Files.readAllBytes(segment);
    // In the middle of what was acknowledged: bodies lie in the log as they were sent.
    int row = new String(bytes, ISO_8859_1).indexOf("number=1000i");
    assertThat(row).isPositive();
    bytes[row] ^= 0x40;
    Files.write(segment, bytes);
    Path log = data.resolve("wal/shard-0000");
    Map<String, Integer> before = contents(log);
    try (ChildServer server = ChildServer.start(folder, data)) {
      assertThat(server.awaitEnd()).as(server.said()).isEqualTo(74);
      assertThat(server.out()).isEmpty();
      assertThat(server.err())
          .contains("not started")
          .containsPattern("0000000000000001\\.wal at byte \\d+")
          .containsPattern("LSN \\d+ to \\d+")
          .contains("Copy the whole directory");
    }
    assertThat(contents(log)).isEqualTo(before);
  }

  @Test
  void aStopInTheMiddleOfRecoveryExitsWith0AndLosesNothing() throws Exception {
    Path data = killedAfterWriting(2000);
    boolean wasReady = true;
    for (int i = 0; i < MOST_TRIES && wasReady; i++) {
      try (ChildServer server = ChildServer.start(folder, data)) {
        server.bound();
        assertThat(server.terminate()).as(server.said()).isZero();
        wasReady = server.isReady();
      }
    }
    assertThat(wasReady).as("recovery was always faster than the signal").isFalse();
    try (ChildServer server = ChildServer.start(folder, data);
        Connection connection = new Connection(server.ready())) {
      assertThat(connection.post("/api/v1/write/flush", "").status()).isEqualTo(200);
    }
    assertThat(Stored.count(data, "nab")).isEqualTo(2000);
  }

  @Test
  void aDiskThatCannotBeWrittenToIsNamedAndNothingOnItIsChanged() throws Exception {
    Optional<SmallDisk> mounted =
        SmallDisk.mounted(folder.resolve("disk"), 512, "a start on a disk that is read-only");
    assumeTrue(mounted.isPresent(), "a tmpfs can be mounted");
    try (SmallDisk disk = mounted.orElseThrow()) {
      Path data = disk.root().resolve("data");
      Ledger ledger = new Ledger(Ledger.benchmark().subList(0, 200), new Random(4));
      try (ChildServer server = ChildServer.start(folder, data)) {
        Writers.start(server.ready(), ledger).join();
        server.kill();
      }
      assertThat(disk.readOnly()).isEmpty();
      Map<String, Integer> before = contents(data.resolve("wal/shard-0000"));
      try (ChildServer server = ChildServer.start(folder, data)) {
        assertThat(server.awaitEnd()).as(server.said()).isEqualTo(74);
        assertThat(server.out()).isEmpty();
        assertThat(server.err()).contains(data.toString()).contains("cannot be written to");
      }
      assertThat(contents(data.resolve("wal/shard-0000"))).isEqualTo(before);
    }
  }

  @Test
  void aPathThatIsAFileIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    try (ChildServer server = ChildServer.start(folder, file)) {
      assertThat(server.awaitEnd()).isEqualTo(74);
      assertThat(server.err()).contains(file.toString()).contains("not a directory");
    }
  }

  private Path killedAfterWriting(int lines) throws Exception {
    Path data = folder.resolve("data");
    Ledger ledger = new Ledger(Ledger.benchmark().subList(0, lines), new Random(3));
    try (ChildServer server = ChildServer.start(folder, data)) {
      Writers.start(server.ready(), ledger).join();
      server.kill();
    }
    return data;
  }

  private static Map<String, Integer> contents(Path log) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(log)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        // Its content is who has the log open.
        if (!file.endsWith("lock")) {
          contents.put(log.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
        }
      }
    }
    assertThat(contents.keySet()).containsAll(List.of("manifest"));
    return contents;
  }
}
