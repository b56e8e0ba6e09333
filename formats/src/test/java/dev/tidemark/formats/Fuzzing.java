package dev.tidemark.formats;

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

/// Two million inputs for each [FuzzTarget] that a fuzzer makes up, guided by which code they
/// reach: one target after the other, each in a process with 512 MiB of heap.
///
/// Not part of the build; `./mvnw -Pfuzz-formats verify -pl formats -am` runs it. `fuzz.executions`
/// says how many for each, `fuzz.targets` names the targets if not all are wanted, `fuzz.seed`
/// repeats the choices of a run. Inputs that reached new code and those that found something are
/// left in `target/fuzz`.
class Fuzzing {
  /// What a line of a program's begins with that is shown.
  static final String SAYS = "fuzzed";

  /// What a line of a program's begins with that says how many executions it made.
  static final String COUNT = "executions made: ";

  private static final long EXECUTIONS = Long.getLong("fuzz.executions", 2_000_000);
  private static final String TARGETS = System.getProperty("fuzz.targets", "");
  private static final int SEED =
      Integer.getInteger("fuzz.seed", 1 + new Random().nextInt(Integer.MAX_VALUE - 1));
  private long executions;
  private final List<String> findings = new ArrayList<>();

  @Test
  void whateverAFuzzerMakesUpIsAnsweredWithTypedRefusalsInBoundedMemory() throws Exception {
    System.out.printf("fuzzing, seed %d, for %,d executions of each%n", SEED, EXECUTIONS);
    for (FuzzTarget target : FuzzTarget.values()) {
      if (TARGETS.isEmpty() || List.of(TARGETS.split(",")).contains(target.name())) {
        run(target);
      }
    }
    System.out.printf(
        "fuzzing, seed %d, in all %,d executions, %d findings%n",
        SEED, executions, findings.size());
    assertThat(findings).isEmpty();
    assertThat(executions).isPositive();
  }

  private void run(FuzzTarget target) throws IOException, InterruptedException {
    Path directory = Path.of("target", "fuzz", target.name()).toAbsolutePath();
    Path corpus = Files.createDirectories(directory.resolve("inputs"));
    int kept = 0;
    for (byte[] input : KeptInputs.of(target)) {
      Files.write(corpus.resolve("kept-" + kept++), input);
    }
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(command(target, corpus))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    long made = 0;
    List<String> last = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(COUNT)) {
          made = Long.parseLong(line.substring(COUNT.length()));
        } else if (line.startsWith(SAYS)) {
          System.out.println(line);
        } else if (line.contains("pulse")) {
          System.out.println(target + " " + line);
        }
        if (!line.startsWith("INFO") && last.size() < 10_000) {
          last.add(line);
        }
      }
    } finally {
      process.destroyForcibly();
    }
    int exit = process.waitFor();
    executions += made;
    System.out.printf(
        "%s: %,d executions in %,d s%n", target, made, (System.nanoTime() - begun) / 1_000_000_000);
    if (exit != 0) {
      last.forEach(System.out::println);
      findings.add(target + ", see above and " + directory + ", exit code " + exit);
    }
  }

  private static List<String> command(FuzzTarget target, Path corpus) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:MaxDirectMemorySize=128m",
        "-XX:+UseSerialGC",
        "-XX:+EnableDynamicAgentLoading",
        "--enable-native-access=ALL-UNNAMED",
        "-Dfuzz.target=" + target,
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + FuzzProgram.class.getName(),
        "--instrumentation_includes=dev.tidemark.formats.**",
        "-runs=" + EXECUTIONS,
        "-seed=" + SEED,
        "-max_len=512",
        "-timeout=20", // seconds; an input takes some ten microseconds to some milliseconds
        "-rss_limit_mb=0", // the JVM's own limits hold
        corpus.toString());
  }
}
