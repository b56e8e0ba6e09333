package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RehearsalTest {
  @TempDir private Path folder;

  /// In a process of its own, as the launcher starts it: every command ends as it should.
  @Test
  void itRunsSaysNothingAndLeavesNothing() throws Exception {
    Path said = folder.resolve("said");
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    List<String> command =
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + scratch,
            "-cp",
            System.getProperty("java.class.path"),
            "dev.tidemark.cli.Rehearsal");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor()).as(() -> said.toString()).isZero();
    assertThat(said).isEmptyFile();
    assertThat(scratch).isEmptyDirectory();
  }
}
