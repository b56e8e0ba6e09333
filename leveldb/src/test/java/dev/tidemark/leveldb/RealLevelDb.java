package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// LevelDB itself, in a process of its own: a small driver in C++ (`src/test/cpp/driver.cc`),
/// compiled once for all tests against the system's library.
final class RealLevelDb implements AutoCloseable {
  private static final @Nullable Path DRIVER = compile();

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter commands;

  private RealLevelDb(Process process) {
    this.process = process;
    answers = process.inputReader(UTF_8);
    commands = process.outputWriter(UTF_8);
  }

  /// {@return null if there is no compiler, or no library}
  private static @Nullable Path compile() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "driver").toAbsolutePath());
      Path program = folder.resolve("driver-" + ProcessHandle.current().pid());
      Process compiler =
          new ProcessBuilder(
                  "g++",
                  "-O2",
                  "-std=c++17",
                  "-o",
                  program.toString(),
                  "src/test/cpp/driver.cc",
                  "-lleveldb",
                  "-lpthread")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("compiler.log").toFile())
              .start();
      program.toFile().deleteOnExit();
      return compiler.waitFor() == 0 ? program : null;
    } catch (IOException noCompiler) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Skips the test that asks if LevelDB is not there.
  ///
  /// @param notProven what is then not proven
  static void assume(String notProven) {
    Assumptions.assumeTrue(
        DRIVER != null,
        "NOT PROVEN: " + notProven + "; g++ and libleveldb-dev are needed to compile the driver");
  }

  static Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(String.valueOf(DRIVER));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /// {@return what LevelDB shows of a directory, a line for each live key, or the line of its
  /// error}
  ///
  /// @param options of the driver
  static List<String> dump(Path directory, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("dump", directory.toString()));
    arguments.addAll(List.of(options));
    Process process = start(arguments);
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      List<String> all = lines.lines().toList();
      process.waitFor();
      return all;
    } catch (InterruptedException | UncheckedIOException e) {
      throw new IOException(e);
    }
  }

  /// Opens a directory.
  static RealLevelDb open(Path directory, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", directory.toString()));
    arguments.addAll(List.of(options));
    return answering(start(arguments));
  }

  /// Opens a directory with our store in a process of its own.
  static RealLevelDb openOurs(Path directory, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(StoreProgram.class.getName(), directory.toString()));
    command.addAll(List.of(options));
    return answering(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private static RealLevelDb answering(Process process) throws IOException {
    RealLevelDb opened = new RealLevelDb(process);
    String answer = opened.answers.readLine();
    if (!"open".equals(answer)) {
      opened.close();
      throw new IOException("could not open: " + answer);
    }
    return opened;
  }

  /// Does what a command says.
  ///
  /// @throws IOException if LevelDB says that it failed
  void run(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    String answer = answers.readLine();
    if (!"ok".equals(answer)) {
      throw new IOException("LevelDB: " + command + ": " + answer);
    }
  }

  /// Tells it what to do, and kills it, perhaps before, perhaps while, perhaps after it does.
  void kill(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    process.destroyForcibly();
    close();
  }

  /// Ends the process at once, as a kill would.
  void die() throws IOException {
    commands.write("die\n");
    commands.flush();
    close();
  }

  @Override
  public void close() throws IOException {
    try {
      commands.close();
    } catch (IOException gone) {
      // It died first.
    }
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
