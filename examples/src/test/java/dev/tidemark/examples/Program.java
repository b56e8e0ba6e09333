package dev.tidemark.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An example, run as a user runs it: in a JVM of its own.
public final class Program {
  private static final long PATIENCE_SECONDS = 60;

  private Program() {}

  /// How a run ended.
  ///
  /// @param status its exit status
  /// @param text what it said on stdout
  public record Ended(int status, String text) {
    public List<String> lines() {
      return text.lines().toList();
    }
  }

  /// Runs a program to its end.
  ///
  /// @param directory where it runs
  public static Ended run(Path directory, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(directory, program, arguments);
    try {
      String text = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(program + " does not end; so far it said: " + text);
      }
      return new Ended(process.exitValue(), text);
    } finally {
      process.destroyForcibly();
    }
  }

  /// Starts a program; the caller ends it.
  public static Process start(Path directory, Class<?> program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
