package dev.tidemark.ingest.budget;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;

/// What the logs of a data directory take of their [DiskBudget]. Safe for use by any number of
/// threads.
///
/// The files are looked at whenever somebody asks: they are few, and a count kept beside them could
/// drift.
public final class DiskUse {
  private final Path logs;
  private final long limitBytes;

  private DiskUse(Path logs, long limitBytes) {
    this.logs = logs;
    this.limitBytes = limitBytes;
  }

  /// Looks at the disk and settles the budget.
  ///
  /// @param logs the folder of all logs; need not exist
  /// @param budget what the logs may take
  /// @param leastBytes what the logs take when they hold nothing; a share is at least that
  /// @return what they take
  /// @throws IOException if the file system cannot be asked
  public static DiskUse of(Path logs, DiskBudget budget, long leastBytes) throws IOException {
    Path present = logs.toAbsolutePath();
    for (Path parent = present.getParent(); !Files.exists(present) && parent != null; ) {
      present = parent;
      parent = present.getParent();
    }
    long free = Files.getFileStore(present).getUsableSpace();
    long limit = budget.limitBytes(free, taken(logs));
    return new DiskUse(logs, budget.percent() == 0 ? limit : Math.max(limit, leastBytes));
  }

  /// {@return the budget, in bytes}
  public long limitBytes() {
    return limitBytes;
  }

  /// {@return what the logs' files take now, in bytes}
  ///
  /// @throws IOException if the folder cannot be read
  public long usedBytes() throws IOException {
    return taken(logs);
  }

  /// {@return what the logs may still take, in bytes; less than 0 if they have more than they may}
  ///
  /// @throws IOException if the folder cannot be read
  public long leftBytes() throws IOException {
    return limitBytes - usedBytes();
  }

  private static long taken(Path logs) throws IOException {
    if (!Files.exists(logs)) {
      return 0;
    }
    AtomicLong sum = new AtomicLong();
    Files.walkFileTree(
        logs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sum.addAndGet(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          // Removed or renamed meanwhile.
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return sum.get();
  }
}
