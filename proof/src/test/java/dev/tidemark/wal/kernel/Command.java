package dev.tidemark.wal.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program of the system that does one thing and ends. An interrupt changes nothing about it, so
/// that what was mounted is unmounted whatever happens.
final class Command {
  private Command() {}

  /// {@return what it said if it failed or is not there, else nothing}
  static String run(List<String> command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      return String.valueOf(missing.getMessage());
    }
    try {
      byte[] said = process.getInputStream().readAllBytes();
      if (!ended(process)) {
        return command + ": no answer";
      }
      String text = new String(said, StandardCharsets.UTF_8).strip();
      return process.exitValue() == 0 ? "" : command + ": " + process.exitValue() + " " + text;
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean ended(Process process) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
