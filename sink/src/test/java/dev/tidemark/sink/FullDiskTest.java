package dev.tidemark.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full for real, on a small file system of its own.
class FullDiskTest {
  @TempDir Path temp;

  @Test
  void aFullDiskLeavesNothingAndTheFileCanBeWrittenOnceThereIsRoom() throws Exception {
    Path mount = Files.createDirectory(temp.resolve("small"));
    if (run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount.toString()) != 0) {
      abort("SKIPPED: mounting needs root; not proven: that a full disk leaves nothing behind");
    }
    try (LocalSink sink = LocalSink.open(mount.resolve("parquet"))) {
      Path ballast = Files.write(mount.resolve("ballast"), new byte[128 << 10]);
      Rows rows = Rows.three(50_000);

      assertThatThrownBy(() -> sink.write(rows.identity(), rows.schema(), rows))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(rows.identity().relativePath())
          .hasMessageContaining("No space left on device");
      try (Stream<Path> paths = Files.walk(sink.root())) {
        assertThat(paths.filter(Files::isRegularFile)).isEmpty();
      }

      Files.delete(ballast);
      Rows fewer = Rows.three(5_000);
      assertThat(sink.write(fewer.identity(), fewer.schema(), fewer).kept()).isFalse();
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " does not end");
    }
    return process.exitValue();
  }
}
