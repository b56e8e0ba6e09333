package dev.tidemark.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A writer killed at any moment leaves complete files, and a second one finishes the work.
class KilledWriterTest {
  private static final int ROUNDS = 4;

  @TempDir Path root;

  @Test
  void everyVisibleFileIsCompleteAndNoneIsWrittenTwice() throws Exception {
    for (int round = 1; round <= ROUNDS; round++) {
      long acknowledged = writeAndKill(3L * round);
      List<Path> visible = parquetFiles();
      for (Path file : visible) {
        assertThat(Footer.read(file).rows()).isEqualTo(EndlessWriter.ROWS);
      }
      assertThat((long) visible.size()).isBetween(acknowledged, acknowledged + 1);

      Rows rows = Rows.three(EndlessWriter.ROWS);
      long wanted = acknowledged + 2;
      try (LocalSink sink = LocalSink.open(root)) {
        assertThat(sink.removedAtOpen()).isBetween(0L, 1L);
        for (long number = 1; number <= wanted; number++) {
          Stored stored = sink.write(EndlessWriter.identity(number), rows.schema(), rows);
          assertThat(stored.kept())
              .isEqualTo(visible.contains(root.resolve(stored.relativePath())));
        }
      }
      assertThat(Duck.one(root.resolve("nab/**/*.parquet"), "select count(*) from FILE"))
          .isEqualTo(Long.toString(wanted * EndlessWriter.ROWS));
      for (Path file : parquetFiles()) {
        Files.delete(file);
      }
    }
  }

  private long writeAndKill(long files) throws IOException, InterruptedException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessWriter.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long last = 0;
    try (BufferedReader lines = writer.inputReader(US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = Long.parseLong(line);
        if (last == files) {
          writer
              .toHandle()
              .destroyForcibly(); // keeps the pipe: what it says before it dies counts too
        }
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertThat(last).isGreaterThanOrEqualTo(files);
    return last;
  }

  private List<Path> parquetFiles() throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.filter(p -> p.toString().endsWith(FileIdentity.SUFFIX)).toList();
    }
  }
}
