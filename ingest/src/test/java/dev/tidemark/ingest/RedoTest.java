package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A flush that a crash interrupted is finished with the same rows, the same columns and the same
/// names, whatever came later.
final class RedoTest {
  private static final long HOUR = 3_600_000_000_000L;
  private static final IngestOptions OPTIONS =
      DataFolder.ON_DEMAND
          .withSegmentBytes(64 << 10)
          .withCloseTimeout(Duration.ZERO)
          .withFlushThreads(1);

  @TempDir Path folder;

  /// Writes, stops at a step of the flush, writes what comes later, and is killed.
  private DataFolder killedAt(int step, String before, String later) throws Exception {
    return killedAt(step, OPTIONS, before, later);
  }

  private DataFolder killedAt(int step, IngestOptions options, String before, String later)
      throws Exception {
    Path root = folder.resolve("first");
    Steps steps = new Steps(root, step);
    Ingest ingest = new Ingest(steps, options, RecoveryListener.silent());
    ingest.write(DataFolder.body(before));
    Thread flusher =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    ingest.flush();
                  } catch (SinkFailedException | UnavailableException e) {
                    // The kill.
                  }
                });
    assertThat(steps.stopped().await(30, TimeUnit.SECONDS)).isTrue();
    if (!later.isEmpty()) {
      steps.pass();
      ingest.write(DataFolder.body(later));
    }
    DataFolder killed = new DataFolder(root).copiedTo(folder.resolve("killed"));
    steps.release();
    ingest.close();
    // Closing has told it, if nothing else has.
    assertThat(flusher.join(Duration.ofSeconds(30))).isTrue();
    return killed;
  }

  @Test
  void theColumnsAreThoseOfTheIntentAlthoughMoreHaveCome() throws Exception {
    // Steps: before and after body, before and after intent.
    DataFolder killed = killedAt(4, "cpu,host=a v=1i 1\n", "cpu,host=b,zone=z v=2i,w=3i 2\n");
    Recovered recovered = killed.recovered();
    assertThat(recovered.redoneFlushes()).isEqualTo(1);
    assertThat(recovered.redoneRows()).isEqualTo(1);
    assertThat(killed.files("cpu")).hasSize(2);
    assertThat(killed.query("cpu", "SELECT v, host, zone, w FROM FILES"))
        .containsExactly("1 a null null", "2 b z 3");
    assertThat(columnsPerFile(killed)).containsExactly("host v time", "host zone v w time");
  }

  private static List<String> columnsPerFile(DataFolder data) throws Exception {
    Path cpu = data.root().resolve("parquet/db/cpu");
    List<String> columns = new ArrayList<>();
    for (String file : data.files("cpu")) {
      columns.addAll(
          data.query(
              "cpu",
              "SELECT string_agg(name, ' ') FROM (SELECT name FROM parquet_schema('"
                  + cpu.resolve(file)
                  + "') OFFSET 1)"));
    }
    columns.sort((a, b) -> Integer.compare(a.length(), b.length()));
    return columns;
  }

  @Test
  void aFileThatIsThereStaysAsItIs() throws Exception {
    // Steps 5 and 6 are around the first of two files.
    DataFolder killed = killedAt(6, "cpu v=1i 0\ncpu v=2i " + HOUR + "\n", "");
    List<String> before = killed.files("cpu");
    assertThat(before).hasSize(1);
    Path first = killed.root().resolve("parquet/db/cpu").resolve(before.getFirst());
    Files.setLastModifiedTime(first, FileTime.fromMillis(1_000_000));
    byte[] bytes = Files.readAllBytes(first);
    assertThat(killed.recovered().redoneFlushes()).isEqualTo(1);
    assertThat(killed.files("cpu")).hasSize(2).contains(before.getFirst());
    assertThat(Files.getLastModifiedTime(first)).isEqualTo(FileTime.fromMillis(1_000_000));
    assertThat(Files.readAllBytes(first)).isEqualTo(bytes);
    assertThat(killed.values("cpu", "v")).containsExactly("1", "2");
  }

  @Test
  void rowsBehindTheIntentAreNotInItsFiles() throws Exception {
    DataFolder killed = killedAt(4, "cpu v=1i 1\ncpu v=2i 2\n", "cpu v=3i 3\n");
    killed.recovered();
    assertThat(killed.files("cpu")).hasSize(2);
    assertThat(killed.values("cpu", "v")).containsExactly("1", "2", "3");
  }

  @Test
  void filesWrittenAtOnceAreAllThereAfterARedo() throws Exception {
    StringBuilder body = new StringBuilder();
    List<String> values = new ArrayList<>();
    for (int hour = 0; hour < 40; hour++) {
      body.append("cpu v=").append(hour).append("i ").append(hour * HOUR).append('\n');
      values.add(Integer.toString(hour));
    }
    DataFolder killed = killedAt(20, OPTIONS.withFlushThreads(8), body.toString(), "");
    assertThat(killed.recovered().redoneFlushes()).isEqualTo(1);
    assertThat(killed.files("cpu")).hasSize(40);
    assertThat(killed.values("cpu", "v")).containsExactlyInAnyOrderElementsOf(values);
  }
}
