package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A hundred processes, each killed at some moment while it does everything with a log, opens it or
/// closes it. More of them in [KillNight].
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KillTest {
  private static final long KILLS = 100;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedBeforeAKillIsThereOnceAndInOrder() throws Exception {
    long seed = new Random().nextLong();
    Tally tally = new Tally();
    try {
      Kills.run(directory, KILLS, seed, tally);
    } finally {
      System.out.printf("KillTest seed %d%n%s", seed, tally.lines());
    }
    assertThat(tally.of("kills")).isGreaterThanOrEqualTo(KILLS);
  }
}
