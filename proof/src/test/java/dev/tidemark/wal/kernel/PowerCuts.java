package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Power cuts of real file systems under logs that are created, appended to, closed and recovered,
/// with each sync policy and both ways to reach files.
///
/// Not part of the build; as root, `./mvnw -Ppower-cuts verify -pl proof -am` runs it.
/// `cuts.rounds` says how many lives each kind of log has, `cuts.seed` repeats the choices of a
/// run.
class PowerCuts {
  private static final int ROUNDS = Integer.getInteger("cuts.rounds", 24);
  private static final long SEED = Long.getLong("cuts.seed", new Random().nextLong());
  private static final String[] POLICIES = {"fdatasync", "fsync", "async"};
  private static final String[] ACCESSES = {"native", "portable"};

  @Test
  void whatWasAcknowledgedSurvivesEachOfThem() throws Exception {
    Tally all = new Tally();
    Random seeds = new Random(SEED);
    System.out.println("power cuts, seed " + SEED);
    long begun = System.nanoTime();
    for (RealDisk.Kind kind : RealDisk.Kind.values()) {
      Optional<RealDisk> mounted = RealDisk.mounted(kind, 0, "power cuts of " + kind);
      assumeTrue(mounted.isPresent(), kind + " can be mounted");
      try (RealDisk disk = mounted.orElseThrow()) {
        Blow blow = new Blow.PowerCut(disk, kind);
        for (String policy : POLICIES) {
          for (String access : ACCESSES) {
            run(blow, policy, access, seeds.nextLong(), all);
            RealDisk.removeAllIn(disk.root());
            long seconds = (System.nanoTime() - begun) / 1_000_000_000;
            System.out.printf(
                "%s, %s, %s: %,d power cuts after %d s%n",
                kind, policy, access, all.of("power cuts"), seconds);
          }
        }
        all.count("power cuts of " + kind, all.of("power cuts") - before(all));
      }
    }
    System.out.print("power cuts, seed " + SEED + ", in all\n" + all.lines());
    assertThat(all.of("power cuts while a log is appended to")).isPositive();
  }

  // Of the kinds that were tried before.
  private static long before(Tally all) {
    long cuts = 0;
    for (RealDisk.Kind kind : RealDisk.Kind.values()) {
      cuts += all.of("power cuts of " + kind);
    }
    return cuts;
  }

  private static void run(Blow blow, String policy, String access, long seed, Tally all)
      throws Exception {
    Trial trial = new Trial(blow, policy, access, seed, all);
    int round = 0;
    try {
      for (; round < ROUNDS; round++) {
        trial.round();
      }
    } catch (Throwable e) {
      System.out.printf("FAILED: %s, seed %d, round %d%n", trial, seed, round);
      throw e;
    }
  }
}
