package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A thousand processes, killed as in [KillTest].
///
/// Not part of the build; `./mvnw -Pkill-night verify -pl proof -am` runs it. `kills` says how
/// many, `kills.seed` repeats the choices of a run.
class KillNight {
  private static final long KILLS = Long.getLong("kills", 1000);
  private static final long SEED = Long.getLong("kills.seed", new Random().nextLong());
  private static final int PARTS = 10;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedBeforeEachKillIsThereOnceAndInOrder() throws Exception {
    Tally tally = new Tally();
    System.out.println("kills, seed " + SEED);
    for (int part = 1; part <= PARTS; part++) {
      Kills.run(directory.resolve("" + part), KILLS * part / PARTS, SEED + 100L * part, tally);
      System.out.printf("%,d kills%n", tally.of("kills"));
    }
    System.out.print("kills, seed " + SEED + ", in all\n" + tally.lines());
    assertThat(tally.of("kills")).isGreaterThanOrEqualTo(KILLS);
  }
}
