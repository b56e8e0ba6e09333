package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A few of the power cuts of [PowerCuts].
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PowerCutTest {
  private static final int ROUNDS = 2;

  @ParameterizedTest
  @CsvSource({
    "EXT4, fdatasync, native",
    "XFS, fsync, native",
    "EXT4_CACHED, async, native",
    "EXT4, async, portable"
  })
  void whatWasAcknowledgedSurvivesAPowerCut(RealDisk.Kind kind, String policy, String access)
      throws Exception {
    long seed = new Random().nextLong();
    Optional<RealDisk> mounted =
        RealDisk.mounted(kind, 0, "what a log on a real file system keeps when its power is cut");
    assumeTrue(mounted.isPresent(), "a file system can be mounted");
    Tally tally = new Tally();
    try (RealDisk disk = mounted.orElseThrow()) {
      Trial trial = new Trial(new Blow.PowerCut(disk, kind), policy, access, seed, tally);
      for (int i = 0; i < ROUNDS; i++) {
        trial.round();
      }
    } finally {
      System.out.printf(
          "PowerCutTest %s %s %s seed %d%n%s", kind, policy, access, seed, tally.lines());
    }
    assertThat(tally.of("power cuts")).isGreaterThanOrEqualTo(ROUNDS);
  }
}
