package dev.tidemark.formats.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// The program `promtool` of Prometheus, which opens a data directory, replays its log and leaves
/// that as it is.
final class Promtool {
  private static final long MOST_SECONDS = 60;

  /// What it says of a data directory.
  ///
  /// @param samples by labels and time, if it could read the log
  /// @param complaint why it could not, or nothing
  record Answer(Map<String, Double> samples, String complaint) {}

  private Promtool() {}

  static void assumeInstalled() {
    boolean installed;
    try {
      installed = run(List.of("promtool", "--version"), Path.of("/dev/null")) == 0;
    } catch (IOException absent) {
      installed = false;
    }
    assumeTrue(
        installed,
        "promtool is not installed: not proven that Prometheus reads what is written here, nor that"
            + " damage is judged as it judges it");
  }

  static Answer dump(Path data) throws IOException {
    Path output = data.resolve("dump.txt");
    int status = run(List.of("promtool", "tsdb", "dump", data.toString()), output);
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    Files.delete(output);
    // It does leave chunks behind, which it would believe the next time.
    Path chunks = data.resolve("chunks_head");
    for (Path file :
        Files.isDirectory(chunks) ? SegmentDirectory.list(chunks, any -> true) : List.<Path>of()) {
      Files.delete(file);
    }
    Map<String, Double> samples = new TreeMap<>();
    if (status != 0) {
      assertThat(lines).isNotEmpty();
      return new Answer(samples, lines.getLast());
    }
    lines.forEach(line -> DumpedSamples.put(line, samples));
    return new Answer(samples, "");
  }

  private static int run(List<String> command, Path output) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
