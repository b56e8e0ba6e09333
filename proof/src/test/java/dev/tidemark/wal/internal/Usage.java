package dev.tidemark.wal.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What this process and a directory take at a moment.
///
/// @param heapBytes what is left on the heap after a garbage collection
/// @param residentBytes what the process has in memory; 0 where that is not known
/// @param handles open files; 0 where that is not known
/// @param threads living platform threads
/// @param files in the directory
/// @param diskBytes the size of those files
/// @param records appended so far
/// @param nanos when it was looked at
record Usage(
    long heapBytes,
    long residentBytes,
    long handles,
    long threads,
    long files,
    long diskBytes,
    long records,
    long nanos) {

  static Usage of(Path directory, long records) {
    System.gc();
    System.gc(); // what the first one has handed to cleaners
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    long threads = ManagementFactory.getThreadMXBean().getThreadCount();
    try {
      long bytes = 0;
      List<Path> files = list(directory);
      for (Path file : files) {
        bytes += file.toFile().length(); // 0 if it has just been removed
      }
      return new Usage(
          heap,
          residentMemory(),
          openFiles(),
          threads,
          files.size(),
          bytes,
          records,
          System.nanoTime());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static long openFiles() throws IOException {
    Path open = Path.of("/proc/self/fd");
    return Files.isDirectory(open) ? list(open).size() : 0;
  }

  private static long residentMemory() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  @Override
  public String toString() {
    return String.format(
        "heap %.1f MiB, resident %d MiB, %d handles, %d threads, %d files of %d MiB, %d records",
        heapBytes / 1048576.0,
        residentBytes >> 20,
        handles,
        threads,
        files,
        diskBytes >> 20,
        records);
  }
}
