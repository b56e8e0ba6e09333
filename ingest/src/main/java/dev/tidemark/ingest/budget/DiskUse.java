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
  private final DiskBudget budget;
  private final FreeSpace free;

  // Only rises: of two threads that raise it, the later one sees no less.
  private final AtomicLong limitBytes = new AtomicLong();

  private DiskUse(Path logs, DiskBudget budget, FreeSpace free) {
    this.logs = logs;
    this.budget = budget;
    this.free = free;
  }

  /// Asks a file system how much is free.
  @FunctionalInterface
  interface FreeSpace {
    /// {@return that, in bytes}
    long bytes() throws IOException;
  }

  /// Looks at the disk and settles the budget.
  ///
  /// @param logs the folder of all logs; need not exist
  /// @param budget what the logs may take
  /// @param leastBytes what the logs take when they hold nothing; a share is at least that
  /// @return what they take
  /// @throws IOException if the file system cannot be asked
  public static DiskUse of(Path logs, DiskBudget budget, long leastBytes) throws IOException {
    return of(logs, budget, leastBytes, () -> free(logs));
  }

  static DiskUse of(Path logs, DiskBudget budget, long leastBytes, FreeSpace free)
      throws IOException {
    DiskUse use = new DiskUse(logs, budget, free);
    use.limitBytes.set(budget.percent() == 0 ? 0 : leastBytes);
    use.raise(taken(logs));
    return use;
  }

  private static long free(Path logs) throws IOException {
    Path present = logs.toAbsolutePath();
    for (Path parent = present.getParent(); !Files.exists(present) && parent != null; ) {
      present = parent;
      parent = present.getParent();
    }
    return Files.getFileStore(present).getUsableSpace();
  }

  // A share rises with what becomes free: who starts on a full disk must not stay with nothing once
  // somebody has made room. It does not fall, or Parquet files would eat it up.
  private long raise(long takenBytes) throws IOException {
    if (budget.percent() == 0) {
      limitBytes.set(budget.bytes());
    } else {
      limitBytes.accumulateAndGet(budget.limitBytes(free.bytes(), takenBytes), Math::max);
    }
    return limitBytes.get();
  }

  /// {@return the budget as it was when the disk was looked at last, in bytes}
  public long limitBytes() {
    return limitBytes.get();
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
    long taken = usedBytes();
    return raise(taken) - taken;
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
