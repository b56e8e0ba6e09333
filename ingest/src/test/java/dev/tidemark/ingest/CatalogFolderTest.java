package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The folder of the catalog's log over many starts, writes and flushes.
@Timeout(120)
final class CatalogFolderTest {
  private static final int STARTS = 30;
  // 4 MiB behind the checkpoint, the active segment, spares that are ready or used again.
  private static final long MOST_BYTES = 12L << 20;

  @TempDir Path folder;

  private long bytes() throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(folder.resolve("wal").resolve(Logs.CATALOG))) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  @Test
  void staysBoundedAndForgetsNoColumn() throws Exception {
    DataFolder data = new DataFolder(folder);
    for (int start = 0; start < STARTS; start++) {
      try (Ingest ingest = data.open()) {
        for (int flush = 0; flush < 3; flush++) {
          int row = start * 3 + flush;
          ingest.write(DataFolder.body("cpu v=" + row + "i,c" + row % 40 + "=1i " + row + "\n"));
          ingest.flush();
        }
        assertThat(ingest.metrics().catalogLog().files().segments()).isLessThan(8);
      }
      assertThat(bytes()).as("after start " + start).isLessThan(MOST_BYTES);
    }
    try (Stream<Path> files = Files.list(folder.resolve("wal").resolve(Logs.CATALOG))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("a checkpoint was taken")
          .anyMatch(name -> name.startsWith("checkpoint-"));
    }
    List<String> rows = IntStream.range(0, STARTS * 3).mapToObj(String::valueOf).sorted().toList();
    assertThat(data.values("cpu", "v")).isEqualTo(rows);
    assertThat(data.query("cpu", "SELECT v FROM FILES WHERE c39 = 1")).containsExactly("39", "79");
  }

  @Test
  void aServerKilledInAnyOfThemHasEveryRowAndColumn() throws Exception {
    DataFolder data = new DataFolder(folder);
    Path killed = folder.resolveSibling(folder.getFileName() + "-killed");
    for (int start = 0; start < 8; start++) {
      try (Ingest ingest = data.open()) {
        ingest.write(DataFolder.body("cpu v=" + start + "i,c" + start + "=1i " + start + "\n"));
        ingest.flush();
        ingest.write(DataFolder.body("cpu v=" + (100 + start) + "i " + start + "\n"));
        new DataFolder(folder).copiedTo(killed.resolve("at-" + start));
      }
    }
    for (int start = 0; start < 8; start++) {
      DataFolder left = new DataFolder(killed.resolve("at-" + start));
      left.recovered();
      assertThat(left.query("cpu", "SELECT count(*), count(DISTINCT v) FROM FILES"))
          .containsExactly(2 * (start + 1) + " " + 2 * (start + 1));
      assertThat(left.query("cpu", "SELECT v FROM FILES WHERE c" + start + " = 1"))
          .containsExactly(String.valueOf(start));
    }
  }
}
