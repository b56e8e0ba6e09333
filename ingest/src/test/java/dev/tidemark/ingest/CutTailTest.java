package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a power cut leaves when it tore the last write: the log cuts it and never uses its LSN
/// again.
final class CutTailTest {
  /// Behind the header of the segment and that of its first frame.
  private static final int IN_THE_FIRST_RECORD = 256 + 64 + 8;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aFlushDoesNotWaitForRecordsThatWereCut() throws Exception {
    Path crashed = folder.resolve("crashed");
    DataFolder running = new DataFolder(folder.resolve("running"));
    try (Ingest ingest = running.open()) {
      ingest.write(DataFolder.body("m v=1 1"));
      copy(running.root(), crashed);
    }
    tear(crashed.resolve("wal/shard-0000/0000000000000001.wal"));

    DataFolder after = new DataFolder(crashed);
    try (Ingest ingest = after.open()) {
      assertThat(ingest.metrics().durableLsn()).isEqualTo(1);
      assertThat(ingest.flush()).isZero();
      ingest.write(DataFolder.body("m v=2 2"));
      assertThat(ingest.flush()).isEqualTo(1);
    }
    assertThat(after.recovered().replayedRows()).isZero();
  }

  private static void tear(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    bytes[IN_THE_FIRST_RECORD] ^= 1;
    Arrays.fill(bytes, IN_THE_FIRST_RECORD + 1, bytes.length, (byte) 0);
    Files.write(segment, bytes);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        // Spares come and go meanwhile, under temporary names.
        if (!path.toString().endsWith(".tmp")) {
          Files.copy(path, to.resolve(from.relativize(path)));
        }
      }
    }
  }
}
