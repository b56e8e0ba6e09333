package dev.tidemark.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A real `tidemark serve` in a process of its own. Closing it kills it, whatever state it is in.
final class ChildServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long POLL_NANOS = 1_000_000;
  private static final Pattern BOUND = Pattern.compile("bound 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern READY = Pattern.compile("ready http://127\\.0\\.0\\.1:(\\d+)\n");

  private final Process process;
  private final Path out;
  private final Path err;

  private ChildServer(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// Starts a server on a free port. Its output goes to new files in `scratch`.
  ///
  /// @param options more options of `tidemark serve`
  static ChildServer start(Path scratch, Path data, String... options) throws IOException {
    Path out = Files.createTempFile(scratch, "out", ".txt");
    Path err = Files.createTempFile(scratch, "err", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "dev.tidemark.cli.Tidemark",
            "serve",
            "--port",
            "0",
            "--data",
            data.toString()));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new ChildServer(process, out, err);
  }

  /// Waits until it has bound its port, ready or not.
  ///
  /// @return the port
  int bound() {
    return port(err, BOUND);
  }

  /// Waits until it says that it takes writes.
  ///
  /// @return the port
  int ready() {
    return port(out, READY);
  }

  private int port(Path file, Pattern pattern) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Matcher matcher = pattern.matcher(text(file));
      if (matcher.find()) {
        return Integer.parseInt(matcher.group(1));
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("no " + pattern + " from the server, which wrote:\n" + said());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// {@return whether it has said so far that it takes writes}
  boolean isReady() {
    return READY.matcher(text(out)).find();
  }

  /// {@return what it wrote to stdout}
  String out() {
    return text(out);
  }

  /// {@return what it wrote to stderr}
  String err() {
    return text(err);
  }

  /// {@return all it wrote, for a failed assertion}
  String said() {
    return out() + err();
  }

  /// `kill -9`, and waits for its end.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitEnd();
  }

  /// SIGTERM, and goes on.
  void askToStop() {
    process.destroy();
  }

  /// SIGTERM, and waits for its end.
  ///
  /// @return its exit code
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitEnd();
  }

  /// {@return its exit code, after its end}
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the server does not end; it wrote:\n" + said());
    }
    return process.exitValue();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      awaitEnd();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
