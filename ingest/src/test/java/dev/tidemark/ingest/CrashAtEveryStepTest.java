package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills the pipeline at each step between an append and a durable DONE, opens what is left, kills
/// that at each step of its recovery, and opens again. Every acknowledged row is in a file once; a
/// body in doubt is there whole or not at all.
final class CrashAtEveryStepTest {
  private static final long HOUR = 3_600_000_000_000L;
  private static final IngestOptions OPTIONS =
      new IngestOptions(
          64 << 10,
          DataFolder.ON_DEMAND.sync(),
          1_000_000,
          Duration.ofHours(1),
          1,
          16 << 20,
          DataFolder.ON_DEMAND.disk(),
          100,
          100,
          Duration.ZERO,
          DataFolder.ON_DEMAND.reopenDelay());

  @TempDir Path folder;

  /// What a run was told before it was killed.
  private record Told(List<Integer> acknowledged, Set<Integer> inDoubt, List<String> steps) {}

  // Each body has two rows of `a`, in two hours, and one of `b`; each value tells its body. The
  // second one brings a column.
  private static String body(int number) {
    String more = number < 2 ? "" : ",extra=" + number + "i";
    return "a,t=x v=%d1i%s %d\na,t=y v=%d2i %d\nb v=%d3i %d\n"
        .formatted(number, more, HOUR + number, number, 2 * HOUR + number, number, HOUR);
  }

  private Told run(Path root, int stopAt) throws Exception {
    List<Integer> acknowledged = new CopyOnWriteArrayList<>();
    Set<Integer> inDoubt = ConcurrentHashMap.newKeySet();
    Steps steps = new Steps(root, stopAt);
    Thread client =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Ingest ingest = new Ingest(steps, OPTIONS, RecoveryListener.silent())) {
                    for (int number = 1; number <= 2; number++) {
                      inDoubt.add(number);
                      ingest.write(DataFolder.body(body(number)));
                      inDoubt.remove(number);
                      acknowledged.add(number);
                      ingest.flush();
                    }
                  } catch (IOException | BadLinesException e) {
                    // The kill.
                  }
                  steps.stopped().countDown();
                });
    assertThat(steps.stopped().await(60, TimeUnit.SECONDS)).as("stopped or ended").isTrue();
    if (stopAt == 0) {
      client.join();
    }
    Told told = new Told(List.copyOf(acknowledged), Set.copyOf(inDoubt), steps.seen());
    new DataFolder(root).copiedTo(killed(root));
    steps.release();
    client.join();
    return told;
  }

  private static Path killed(Path root) {
    return root.resolveSibling(root.getFileName() + "-killed");
  }

  /// Opens what was left and stops at a step of recovery.
  private List<String> recover(Path root, int stopAt) throws Exception {
    Steps steps = new Steps(root, stopAt);
    Thread starter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Ingest ingest = new Ingest(steps, OPTIONS, RecoveryListener.silent())) {
                    ingest.flush();
                  } catch (IOException e) {
                    // The kill.
                  }
                  steps.stopped().countDown();
                });
    assertThat(steps.stopped().await(60, TimeUnit.SECONDS)).as("stopped or ended").isTrue();
    if (stopAt == 0) {
      starter.join();
    }
    List<String> seen = steps.seen();
    if (stopAt > 0) {
      new DataFolder(root).copiedTo(killed(root));
    }
    steps.release();
    starter.join();
    return seen;
  }

  private static void check(Path root, Told told, String where) throws Exception {
    DataFolder data = new DataFolder(root);
    data.recovered();
    List<String> a = data.values("a", "v");
    List<String> b = data.values("b", "v");
    List<String> wantedA = new ArrayList<>();
    List<String> wantedB = new ArrayList<>();
    List<Integer> there = new ArrayList<>(told.acknowledged);
    for (int number : told.inDoubt) {
      if (b.contains(number + "3")) {
        there.add(number);
      }
    }
    for (int number : there) {
      wantedA.addAll(List.of(number + "1", number + "2"));
      wantedB.add(number + "3");
    }
    wantedA.sort(null);
    assertThat(a).as(where).isEqualTo(wantedA);
    assertThat(b).as(where).isEqualTo(wantedB);
    if (there.contains(2)) {
      assertThat(data.query("a", "SELECT v FROM FILES WHERE extra = 2")).containsExactly("21");
    }
    assertThat(data.recovered().replayedRows()).as(where).isZero();
  }

  @Test
  void everyAcknowledgedRowIsThereOnceWhereverTheKillFalls() throws Exception {
    int steps = run(folder.resolve("whole"), 0).steps.size();
    assertThat(steps).isGreaterThan(30);
    for (int step = 1; step <= steps; step++) {
      Path root = folder.resolve("step-" + step);
      Told told = run(root, step);
      String last = "step " + step + ", " + told.steps.getLast();
      check(killed(root), told, last);
    }
  }

  @Test
  void aKillDuringRecoveryChangesNothing() throws Exception {
    List<String> steps = run(folder.resolve("whole"), 0).steps;
    int first = steps.indexOf("after intent");
    // In the middle of the first flush: one file of two is there, the other measurement is not
    // begun.
    for (int step : new int[] {first + 1, first + 3}) {
      Path root = folder.resolve("step-" + step);
      Told told = run(root, step);
      Path once = folder.resolve("once-" + step);
      int again = recover(new DataFolder(killed(root)).copiedTo(once).root(), 0).size();
      assertThat(again).isPositive();
      for (int second = 1; second <= again; second++) {
        Path twice = folder.resolve("twice-" + step + "-" + second);
        recover(new DataFolder(killed(root)).copiedTo(twice).root(), second);
        check(killed(twice), told, "step " + step + ", then step " + second);
        deleteAll(twice);
        deleteAll(killed(twice));
      }
    }
  }

  private static void deleteAll(Path root) throws IOException {
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
