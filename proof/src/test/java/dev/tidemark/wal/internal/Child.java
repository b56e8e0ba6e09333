package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A process of a test, with what it says and what it is told, a line at a time. Its errors go to
/// those of the test.
public final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final PrintWriter in;

  private Child(Process process) {
    this.process = process;
    out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    in = new PrintWriter(process.getOutputStream(), true, UTF_8);
  }

  /// Starts the `main` of a class of the tests.
  public static Child of(Class<?> program, String... arguments) throws IOException {
    return of(List.of(), program, arguments);
  }

  /// Starts the `main` of a class of the tests.
  ///
  /// @param under a command that is given the command to run, none if it is empty
  public static Child of(List<String> under, Class<?> program, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(under);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1"); // it does not live long
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(Arrays.asList(arguments));
    return new Child(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /// {@return the words of the next line it says; null when it has ended}
  public String @Nullable [] words() throws IOException {
    String line = out.readLine();
    return line == null ? null : line.split(" ", -1);
  }

  /// Tells it something; if it has ended, nobody hears it.
  public void tell(String line) {
    in.println(line);
  }

  /// Kills it: SIGKILL.
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  /// Prints what its threads are doing.
  public void showThreads() {
    try {
      Path jstack = Path.of(System.getProperty("java.home"), "bin", "jstack");
      String pid = Long.toString(process.pid());
      Process shown = new ProcessBuilder(jstack.toString(), pid).inheritIO().start();
      boolean _ = shown.waitFor(30, TimeUnit.SECONDS);
    } catch (IOException | InterruptedException e) {
      System.out.println("the threads of the process cannot be shown: " + e);
    }
  }

  /// {@return how it ended}
  public int exitCode() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the process does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
