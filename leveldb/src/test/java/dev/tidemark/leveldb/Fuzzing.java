package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Two million inputs for [TableFuzz] that a fuzzer makes up, guided by which code they reach, in a
/// process with 512 MiB of heap.
///
/// Not part of the build; `./mvnw -Pfuzz-leveldb verify -pl leveldb -am` runs it. `fuzz.executions`
/// says how many, `fuzz.seed` repeats the choices of a run. Inputs that reached new code and those
/// that found something are left in `target/fuzz`.
class Fuzzing {
  private static final long EXECUTIONS = Long.getLong("fuzz.executions", 2_000_000);
  private static final int SEED =
      Integer.getInteger("fuzz.seed", 1 + new Random().nextInt(Integer.MAX_VALUE - 1));

  @Test
  void whateverAFuzzerMakesUpIsAnsweredWithTypedRefusalsInBoundedMemory() throws Exception {
    System.out.printf("fuzzing tables, seed %d, for %,d executions%n", SEED, EXECUTIONS);
    Path directory = Path.of("target", "fuzz").toAbsolutePath();
    Path corpus = Files.createDirectories(directory.resolve("inputs"));
    int kept = 0;
    for (byte[] input : TableFuzzTest.kept()) {
      Files.write(corpus.resolve("kept-" + kept++), input);
    }
    Process process =
        new ProcessBuilder(command(corpus))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try {
      follow(process, lines);
    } finally {
      process.destroyForcibly();
    }
    int exit = process.waitFor();
    if (exit != 0) {
      lines.forEach(System.out::println);
    }
    assertThat(exit).as("see above and " + directory).isZero();
    assertThat(lines).anyMatch(line -> line.startsWith(TableFuzz.COUNT));
  }

  private static void follow(Process process, List<String> last) throws IOException {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains("pulse") || line.contains("executions")) {
          System.out.println(line);
        }
        if (!line.startsWith("INFO") && last.size() < 10_000) {
          last.add(line);
        }
      }
    }
  }

  private static List<String> command(Path corpus) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:MaxDirectMemorySize=128m",
        "-XX:+UseSerialGC",
        "-XX:+EnableDynamicAgentLoading",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + TableFuzz.class.getName(),
        "--instrumentation_includes=dev.tidemark.leveldb.**",
        "-runs=" + EXECUTIONS,
        "-seed=" + SEED,
        "-max_len=512",
        "-timeout=20", // seconds; an input takes some ten microseconds to some milliseconds
        "-rss_limit_mb=0", // the JVM's own limits hold
        corpus.toString());
  }
}
