package dev.tidemark.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A small file system in memory, mounted for a test, which can be filled to its last byte. Only an
/// operating system that allows it to this user has one. For one thread.
final class SmallDisk implements AutoCloseable {
  private static final String BALLAST = "ballast";

  private final Path root;

  private SmallDisk(Path root) {
    this.root = root;
  }

  /// {@return a disk, or nothing where none can be mounted, and then a line on stdout says what is
  /// not proven}
  static Optional<SmallDisk> mounted(Path root, int mebibytes, String claim)
      throws IOException, InterruptedException {
    Files.createDirectories(root);
    String size = "size=" + mebibytes + "m";
    String error = run(List.of("mount", "-t", "tmpfs", "-o", size, "tidemark-test", "" + root));
    if (!error.isEmpty()) {
      System.out.println(
          "SKIPPED, so not proven: " + claim + ". No tmpfs can be mounted here: " + error);
      return Optional.empty();
    }
    return Optional.of(new SmallDisk(root));
  }

  /// {@return what it said if it failed, else nothing}
  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException missing) {
      return String.valueOf(missing.getMessage());
    }
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return "no answer";
    }
    return process.exitValue() == 0 ? "" : "exit " + process.exitValue() + ": " + said;
  }

  /// Lets nobody write any more.
  ///
  /// @return nothing, or what the system said against it
  String readOnly() throws IOException, InterruptedException {
    return run(List.of("mount", "-o", "remount,ro", "" + root));
  }

  Path root() {
    return root;
  }

  /// Takes every byte that is left. Somebody else may free some meanwhile.
  void fill() throws IOException {
    Path ballast = root.resolve(BALLAST);
    for (int bytes = 1 << 20; bytes >= 1; bytes /= 16) {
      byte[] zeros = new byte[bytes];
      // Each write ends at the same length or fails whole, so a smaller one follows.
      try (OutputStream out =
          Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        while (true) {
          out.write(zeros);
        }
      } catch (IOException full) {
        if (!String.valueOf(full.getMessage()).contains("No space")) {
          throw full;
        }
      }
    }
  }

  /// {@return how many bytes are left}
  long freeBytes() throws IOException {
    return Files.getFileStore(root).getUsableSpace();
  }

  /// Gives back what was taken.
  void free() throws IOException {
    Files.deleteIfExists(root.resolve(BALLAST));
  }

  @Override
  public void close() throws IOException {
    try {
      String error = run(List.of("umount", "" + root));
      if (!error.isEmpty()) {
        error = run(List.of("umount", "-l", "" + root));
      }
      if (!error.isEmpty()) {
        throw new IOException(root + " cannot be unmounted: " + error);
      }
    } catch (InterruptedException e) {
      throw new IOException(root + " is still mounted", e);
    }
  }
}
