package dev.tidemark.wal.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Many kills, of several logs at a time.
final class Kills {
  private static final String[] POLICIES = {"fdatasync", "fsync", "async"};
  private static final int LOGS_AT_A_TIME = 2;
  private static final int ROUNDS = 6;

  private Kills() {}

  /// Kills programs until there were so many kills, and checks the log after each.
  static void run(Path directory, long kills, long seed, Tally tally) throws Exception {
    List<Future<Void>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(LOGS_AT_A_TIME)) {
      for (int i = 0; i < LOGS_AT_A_TIME; i++) {
        Path root = directory.resolve("part-" + i);
        Random seeds = new Random(seed + i);
        all.add(
            threads.submit(
                () -> {
                  work(root, kills, seeds, tally);
                  return null;
                }));
      }
    }
    for (Future<Void> part : all) {
      part.get();
    }
  }

  private static void work(Path root, long kills, Random seeds, Tally tally) throws Exception {
    int trials = 0;
    while (tally.of("kills") < kills) {
      String policy = POLICIES[trials % POLICIES.length];
      String access = seeds.nextInt(4) == 0 ? "portable" : "native";
      Path own = Files.createDirectories(root.resolve("trial-" + trials++));
      Trial trial = new Trial(new Blow.Kill(own), policy, access, seeds.nextLong(), tally);
      for (int round = 0; round < ROUNDS && tally.of("kills") < kills; round++) {
        trial.round();
      }
      RealDisk.remove(own);
    }
  }
}
