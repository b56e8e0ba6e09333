package dev.tidemark.testkit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimulatedHostTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();

  @Test
  void timeJumpsToTheFirstMomentSomebodyWaitsFor() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    List<String> seen = new ArrayList<>();
    host.run(
        () -> {
          for (int hours : new int[] {3, 1, 2}) {
            host.start(
                "sleeper",
                () -> {
                  host.park(this, hours * HOUR);
                  seen.add(hours + " at " + host.nanoTime() / HOUR);
                });
          }
          host.rest(Duration.ofHours(5));
          return seen.add("end");
        });
    assertThat(seen).containsExactly("1 at 1", "2 at 2", "3 at 3", "end");
  }

  @Test
  void sameSeedIsTheSameRunAndAnotherSeedAnother() throws Exception {
    Set<List<Integer>> runs = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      List<Integer> run = race(seed);
      assertThat(race(seed)).isEqualTo(run);
      runs.add(run);
    }
    assertThat(runs).hasSizeGreaterThan(5);
  }

  private List<Integer> race(long seed) throws Exception {
    SimulatedHost host = new SimulatedHost(seed);
    List<Integer> run = new ArrayList<>();
    host.run(
        () -> {
          for (int i = 0; i < 4; i++) {
            int number = i;
            host.start(
                "racer",
                () -> {
                  for (int step = 0; step < 3; step++) {
                    run.add(number);
                    host.park(this, 1 + number);
                  }
                });
          }
          return null;
        });
    assertThat(run).hasSize(12);
    return run;
  }

  @Test
  void wakingComesBeforeOrAfterWaiting() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    boolean[] ready = new boolean[1];
    host.run(
        () -> {
          Thread main = Thread.currentThread();
          host.unpark(main);
          host.park(this, Long.MAX_VALUE); // returns at once
          host.start(
              "waker",
              () -> {
                ready[0] = true;
                host.unpark(main);
              });
          host.park(this, Long.MAX_VALUE);
          return null;
        });
    assertThat(ready[0]).isTrue();
    assertThat(host.nanoTime()).isZero();
  }

  @Test
  void joinEndsWithTheThreadOrInTime() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    host.run(
        () -> {
          Thread other = host.start("other", () -> host.park(this, 10));
          assertThat(host.join(other, 5)).isFalse();
          assertThat(host.nanoTime()).isEqualTo(5);
          assertThat(host.join(other, 1000)).isTrue();
          assertThat(host.nanoTime()).isEqualTo(10);
          return null;
        });
  }

  @Test
  void programInWhichEverybodyWaitsFailsAndSaysForWhat() {
    SimulatedHost host = new SimulatedHost(1);
    assertThatThrownBy(
            () ->
                host.run(
                    () -> {
                      host.start("idler", () -> host.park("a spare", Long.MAX_VALUE));
                      host.park("Godot", Long.MAX_VALUE);
                      return null;
                    }))
        .isInstanceOf(AssertionError.class)
        .hasStackTraceContaining("main for Godot")
        .hasStackTraceContaining("idler for a spare");
  }

  @Test
  void threadThatFailsFailsTheRun() {
    SimulatedHost host = new SimulatedHost(1);
    assertThatThrownBy(
            () ->
                host.run(
                    () ->
                        host.start(
                            "failing",
                            () -> {
                              throw new IllegalStateException("lost");
                            })))
        .hasStackTraceContaining("lost");
  }

  @Test
  void strangerMayNotWaitHere() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    host.run(() -> null);
    assertThatThrownBy(() -> host.park(this, 5)).isInstanceOf(Error.class);
    SimulatedHost unused = new SimulatedHost(1);
    assertThatThrownBy(() -> unused.park(this, 5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no thread of this host");
  }
}
