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

/// A night of crashes: every sequence of up to three calls, under two sync policies, on a new log
/// and on one with a life behind it; and of four as many as time allows, in an order drawn from the
/// seed; then crowds of callers. Ends after 100 minutes, of which crowds have the last tenth, or
/// when nothing is left; `-Dcrash.minutes=`, `-Dcrash.threads=` and `-Dcrash.seed=` set it
/// otherwise.
class CrashNight {
  private static final int MINUTES = Integer.getInteger("crash.minutes", 100);
  private static final int THREADS =
      Integer.getInteger("crash.threads", Runtime.getRuntime().availableProcessors());
  private static final long SEED =
      Long.getLong("crash.seed", ThreadLocalRandom.current().nextInt(1_000_000));
  private static final long TELL_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int EXHAUSTED = 3; // calls
  private static final int CROWDS = Integer.getInteger("crash.crowds", 1000);

  private final long begun = System.nanoTime();
  private final long end = begun + Duration.ofMinutes(MINUTES).toNanos();
  private final long sequencesEnd = end - (end - begun) / 10;
  private final AtomicLong told = new AtomicLong(System.nanoTime());

  private record Part(String name, Explorer explorer) {}

  private static List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (SyncPolicy sync : ExplorerTest.policies()) {
      parts.add(new Part(sync + ", new", explorer(sync)));
      parts.add(new Part(sync + ", aged", explorer(sync).after(ExplorerTest.LIFE)));
    }
    return parts;
  }

  private static Explorer explorer(SyncPolicy sync) {
    return new Explorer(ExplorerTest.small(sync), SEED, THREADS);
  }

  @Test
  void everythingPromisedSurvives() {
    exploreSequences();
    for (SyncPolicy sync : ExplorerTest.policies()) {
      exploreCrowds(sync);
    }
  }

  private void exploreSequences() {
    System.out.printf("crash night: seed %d, %d minutes, %d threads%n", SEED, MINUTES, THREADS);
    List<Part> parts = parts();
    boolean whole = true;
    for (int length = 1; length <= 4; length++) {
      for (int i = 0; i < parts.size(); i++) {
        boolean all = exhaust(parts.get(i), length, length < 4 ? 1 : parts.size() - i);
        whole &= all || length > EXHAUSTED;
      }
    }
    long states = parts.stream().mapToLong(part -> part.explorer.seen().states()).sum();
    System.out.printf(Locale.ROOT, "crash night: %,d states in all%n", states);
    assertThat(whole || MINUTES < 100).as("all of up to %s calls", EXHAUSTED).isTrue();
    assertThat(states).isGreaterThan(MINUTES >= 100 ? 1_000_000 : 0);
  }

  private void exploreCrowds(SyncPolicy sync) {
    CrowdExplorer crowds = new CrowdExplorer(ExplorerTest.small(sync), 4);
    long until = System.nanoTime() + (end - sequencesEnd) / ExplorerTest.policies().size();
    for (int i = 0; i < CROWDS && System.nanoTime() - until < 0; i++) {
      crowds.explore(SEED + i);
    }
    System.out.println("crash night, crowds, " + sync + ": " + crowds.seen());
  }

  private boolean exhaust(Part part, int length, int sharers) {
    Duration limit = Duration.ofNanos(Math.max(0, (sequencesEnd - System.nanoTime()) / sharers));
    long all = Math.round(Math.pow(Call.values().length, length));
    AtomicLong done = new AtomicLong();
    Runnable progress =
        () -> {
          long now = System.nanoTime();
          long last = told.get();
          long count = done.incrementAndGet();
          if (now - last >= TELL_NANOS && told.compareAndSet(last, now)) {
            tell(part, length, count, all);
          }
        };
    long count = part.explorer.exhaust(length, limit, progress);
    tell(part, length, count, all);
    return count == all;
  }

  private static void tell(Part part, int length, long count, long all) {
    System.out.printf(
        Locale.ROOT,
        "crash night, %s: %,d of %,d sequences of %d calls (%.1f %%); %s%n",
        part.name,
        count,
        all,
        length,
        100.0 * count / all,
        part.explorer.seen());
  }
}
