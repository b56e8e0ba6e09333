package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.SyncPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// A night of crashes: every sequence of up to three calls under two sync policies, and of four as
/// many as time allows, in an order drawn from the seed. Ends after 100 minutes;
/// `-Dcrash.minutes=`, `-Dcrash.threads=` and `-Dcrash.seed=` set it otherwise.
class CrashNight {
  private static final int MINUTES = Integer.getInteger("crash.minutes", 100);
  private static final int THREADS =
      Integer.getInteger("crash.threads", Runtime.getRuntime().availableProcessors());
  private static final long SEED =
      Long.getLong("crash.seed", ThreadLocalRandom.current().nextInt(1_000_000));
  private static final long TELL_NANOS = Duration.ofMinutes(1).toNanos();

  private final long end = System.nanoTime() + Duration.ofMinutes(MINUTES).toNanos();
  private final AtomicLong told = new AtomicLong(System.nanoTime());

  @Test
  void everythingPromisedSurvives() {
    System.out.printf("crash night: seed %d, %d minutes, %d threads%n", SEED, MINUTES, THREADS);
    List<Explorer> explorers = new ArrayList<>();
    for (SyncPolicy sync : ExplorerTest.policies()) {
      explorers.add(new Explorer(ExplorerTest.small(sync), SEED, THREADS));
    }
    for (int length = 1; length <= 4; length++) {
      for (int i = 0; i < explorers.size(); i++) {
        exhaust(explorers.get(i), ExplorerTest.policies().get(i), length, explorers.size() - i);
      }
    }
    long states = explorers.stream().mapToLong(explorer -> explorer.seen().states()).sum();
    System.out.printf(Locale.ROOT, "crash night: %,d states in all%n", states);
    assertThat(states).isGreaterThan(MINUTES >= 100 ? 1_000_000 : 0);
  }

  private void exhaust(Explorer explorer, SyncPolicy sync, int length, int sharers) {
    long left = end - System.nanoTime();
    Duration limit = Duration.ofNanos(Math.max(0, length < 4 ? left : left / sharers));
    long all = Math.round(Math.pow(Call.values().length, length));
    AtomicLong done = new AtomicLong();
    Runnable progress =
        () -> {
          long now = System.nanoTime();
          long last = told.get();
          long count = done.incrementAndGet();
          if (now - last >= TELL_NANOS && told.compareAndSet(last, now)) {
            tell(explorer, sync, length, count, all);
          }
        };
    long count = explorer.exhaust(length, limit, progress);
    tell(explorer, sync, length, count, all);
  }

  private static void tell(Explorer explorer, SyncPolicy sync, int length, long count, long all) {
    System.out.printf(
        Locale.ROOT,
        "crash night, %s: %,d of %,d sequences of %d calls (%.1f %%); %s%n",
        sync,
        count,
        all,
        length,
        100.0 * count / all,
        explorer.seen());
  }
}
