package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a process that is told to stop ends, however closing goes.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StopTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "ends, 0, stopped",
    "fails, 74, the disk does not answer",
    "breaks, 70, because of a defect",
    "hangs, 74, not closed within 1 s"
  })
  void theCodeSaysHowItWent(String how, int code, String said) throws Exception {
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tidemark.cli.StoppingProgram",
                how)
            .redirectError(err.toFile())
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).as("%s", read(err)).isEqualTo("ready");
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(process.exitValue()).as(read(err)).isEqualTo(code);
      assertThat(Files.readString(err)).contains(said);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  @Test
  void whoeverSentTheSignalIsAnsweredBeforeItKills() {
    assertThat(Stop.PATIENCE).isLessThan(Duration.ofSeconds(30));
  }
}
