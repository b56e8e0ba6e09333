package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What several callers were told at the same time survives, wherever the machine stops. The seed
/// of the first crowd is another one in each run, and printed; `-Dcrowd.seed=` sets it, and
/// `-Dcrowds=` how many there are.
@Timeout(7200)
class CrowdExplorerTest {
  private static final int CROWDS = Integer.getInteger("crowds", 25);
  private static final long SEED =
      Long.getLong("crowd.seed", ThreadLocalRandom.current().nextInt(1_000_000));

  static List<SyncPolicy> policies() {
    return ExplorerTest.policies();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void whatSeveralCallersWereToldSurvives(SyncPolicy sync) {
    System.out.println("crowds, seed " + SEED);
    CrowdExplorer explorer = new CrowdExplorer(ExplorerTest.small(sync), 4);
    for (int i = 0; i < CROWDS; i++) {
      explorer.explore(SEED + i);
    }
    System.out.println("crowds, " + sync + ": " + explorer.seen());
    assertThat(explorer.seen().states()).isGreaterThan(100);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everyOrderOfTurnsThatDiffersInOnePlaceKeepsThePromise(SyncPolicy sync) {
    CrowdExplorer explorer = new CrowdExplorer(ExplorerTest.small(sync), 3);
    long orders = 0;
    for (int seed = 0; seed < 4; seed++) {
      orders += explorer.exhaust(seed, 2, Integer.getInteger("crowd.changes", 1));
    }
    System.out.printf("orders of turns, %s: %,d; %s%n", sync, orders, explorer.seen());
    assertThat(orders).isGreaterThan(100);
  }

  @Test
  void segmentThatIsNotSyncedIsFoundAndToldOfTheSmallestCrowdThatShowsIt() {
    CrowdExplorer explorer =
        new CrowdExplorer(ExplorerTest.small(SyncPolicy.fdatasync()), 4)
            .through(CrowdExplorerTest::notSyncingSegments);
    assertThatThrownBy(() -> explorer.explore(0))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("callers: 1, steps of each: 1")
        .hasMessageContaining("has no whole header");
  }

  private static Storage notSyncingSegments(Storage storage) {
    return new ForwardingStorage(storage) {
      @Override
      public StorageFile open(String name) throws IOException {
        return new ForwardingFile(super.open(name)) {
          @Override
          public void sync(boolean metadata) throws IOException {
            if (!name().endsWith(".wal")) {
              super.sync(metadata);
            }
          }
        };
      }
    };
  }
}
