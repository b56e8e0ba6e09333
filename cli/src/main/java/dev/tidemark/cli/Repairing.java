package dev.tidemark.cli;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.ForeignLog;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.OwnLog;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import dev.tidemark.cli.logs.Target;
import dev.tidemark.cli.logs.Targets;
import dev.tidemark.cli.logs.Trees;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.FileStorage;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Makes a log that its system opens of one that is damaged. For one thread, for one repair.
///
/// @param log the damaged one
/// @param health what is wrong with it
/// @param all whether to keep records behind damage where the system itself would give up
record Repairing(Log log, Health health, boolean all) {
  private static final long MOST_SEGMENT_BYTES = 1L << 40;
  private static final int STAGING_BYTES = 1024;

  /// Writes it to a new directory, which is not there if this fails.
  Repaired to(Path directory) throws IOException {
    Path target = directory.toAbsolutePath();
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Path temporary = target.resolveSibling(target.getFileName() + ".tidemark-tmp");
    Trees.delete(temporary); // of a repair that was killed
    try {
      Repaired repaired = in(copyTo(temporary));
      Trees.rename(temporary, target);
      return new Repaired(directory, null, repaired.kept(), repaired.said());
    } catch (IOException | RuntimeException | Error failure) {
      Trees.delete(temporary);
      throw failure;
    }
  }

  private Path copyTo(Path directory) throws IOException {
    if (Files.isDirectory(log.path())) {
      Trees.copy(log.path(), directory);
      return directory;
    }
    Files.createDirectory(directory);
    Path file = directory.resolve(log.path().getFileName());
    Trees.copy(log.path(), file);
    return file;
  }

  /// Repairs it where it is.
  Repaired inPlace() throws IOException {
    return in(log.path());
  }

  /// Checks that nobody uses a log of our own, and that it can be salvaged.
  void checkIsFree() throws IOException {
    if (log instanceof OwnLog) {
      Wal.check(FileStorage.open(log.path()), Host.system(), options());
    }
  }

  private Repaired in(Path path) throws IOException {
    return log instanceof OwnLog ? salvaged(path) : rewritten(path);
  }

  // ---- our own

  private WalOptions options() {
    // A segment may be larger for the sake of one batch: what most of them have is what was chosen.
    Map<Long, Integer> counts = new TreeMap<>();
    for (Health.File file : health.files()) {
      long bytes = file.bytes();
      if (bytes >= 4096 && bytes <= MOST_SEGMENT_BYTES && bytes % 64 == 0) {
        counts.merge(bytes, 1, Integer::sum);
      }
    }
    long segmentBytes =
        counts.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(WalOptions.defaults().segmentBytes());
    return WalOptions.builder()
        .segmentBytes(segmentBytes)
        .stagingBytes(STAGING_BYTES)
        .onCorruption(OnCorruption.SKIP)
        .build();
  }

  private Repaired salvaged(Path path) throws IOException {
    List<String> said;
    try (Wal wal = Wal.open(path, options())) {
      said = wal.recovery().describe().lines().toList();
    }
    Health after = new OwnLog(path).verify((done, total) -> {});
    mustBeClean(after, path);
    return new Repaired(path, null, after.records(), said);
  }

  private static void mustBeClean(Health after, Path path) {
    if (after.verdict() != Health.Verdict.CLEAN) {
      throw new IllegalStateException(path + " was repaired and is not clean: " + after);
    }
  }

  // ---- another system's

  private Repaired rewritten(Path path) throws IOException {
    ForeignLog copied = new ForeignLog(path, ((ForeignLog) log).system());
    List<String> said = new ArrayList<>();
    for (Path name : copied.files()) {
      boolean damaged =
          health.defects().stream().anyMatch(defect -> defect.file().equals(name.toString()));
      if (damaged) {
        Path file = Files.isDirectory(path) ? path.resolve(name) : path;
        long kept = rewrite(new ForeignLog(file, copied.system()), file);
        said.add(name + " written anew with " + HealthReport.count(kept, "record"));
      }
    }
    Health after = copied.verify((done, total) -> {});
    mustBeClean(after, path);
    return new Repaired(path, null, after.records(), said);
  }

  private long rewrite(ForeignLog one, Path file) throws IOException {
    long[] kept = new long[1];
    try (Target target = Targets.replace(one.format(), file)) {
      one.read(
          0,
          Long.MAX_VALUE,
          all,
          new Taker() {
            @Override
            public boolean record(Shown record) throws IOException {
              target.append(record);
              kept[0]++;
              return true;
            }

            @Override
            public void defect(Defect defect) {
              // It was told already.
            }
          });
      target.finish();
    }
    return kept[0];
  }
}
