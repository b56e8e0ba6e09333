package dev.tidemark.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is visible is durable, in this order and no other, and a failed step leaves nothing
/// visible.
class DurabilityOrderTest {
  private static final String HOUR = "nab/cpu/1970/01/01/00";
  private static final String FILE = HOUR + "/" + Rows.LOG_ID + "-0000-1-10.parquet";

  @TempDir Path temp;
  private Path root;
  private WatchedDisk disk;

  @BeforeEach
  void makeDisk() {
    root = temp.resolve("parquet");
    disk = new WatchedDisk(root);
  }

  private static Stored write(Sink sink) throws IOException {
    Rows rows = Rows.three(10);
    return sink.write(rows.identity(), rows.schema(), rows);
  }

  private List<String> filesBelowRoot() throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.filter(Files::isRegularFile).map(p -> root.relativize(p).toString()).toList();
    }
  }

  @Test
  void everyNewDirectoryThenTheFileThenItsNameBecomeDurable() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      write(sink);
    }

    assertThat(disk.steps())
        .containsExactly(
            "sync-dir ..",
            "mkdir",
            "sync-dir ..",
            "mkdir nab",
            "sync-dir",
            "mkdir nab/cpu",
            "sync-dir nab",
            "mkdir nab/cpu/1970",
            "sync-dir nab/cpu",
            "mkdir nab/cpu/1970/01",
            "sync-dir nab/cpu/1970",
            "mkdir nab/cpu/1970/01/01",
            "sync-dir nab/cpu/1970/01",
            "mkdir " + HOUR,
            "sync-dir nab/cpu/1970/01/01",
            "create " + FILE + ".tmp",
            "write " + FILE + ".tmp",
            "sync " + FILE + ".tmp",
            "rename " + FILE,
            "sync-dir " + HOUR);
  }

  @Test
  void missingParentsOfTheRootBecomeDurableToo() throws IOException {
    root = temp.resolve("a/b/parquet");
    disk = new WatchedDisk(temp);
    LocalSink.open(root, disk).close();

    assertThat(disk.steps())
        .containsExactly(
            "sync-dir ..",
            "mkdir a",
            "sync-dir",
            "mkdir a/b",
            "sync-dir a",
            "mkdir a/b/parquet",
            "sync-dir a/b");
  }

  @Test
  void aSecondFileOfTheSameHourSyncsItselfAndItsDirectoryOnly() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      write(sink);
      disk.steps().clear();
      Rows rows = Rows.three(5);
      sink.write(rows.identity(), rows.schema(), rows);
    }
    String second = FILE.replace("1-10", "1-5");

    assertThat(disk.steps())
        .containsExactly(
            "create " + second + ".tmp",
            "write " + second + ".tmp",
            "sync " + second + ".tmp",
            "rename " + second,
            "sync-dir " + HOUR);
  }

  @Test
  void directoriesFoundByAFreshProcessAreSyncedBeforeTheyAreTrusted() throws IOException {
    Files.createDirectories(root.resolve(HOUR));
    try (LocalSink sink = LocalSink.open(root, disk)) {
      write(sink);
    }

    assertThat(disk.steps())
        .containsSubsequence(
            "sync-dir ..",
            "sync-dir",
            "sync-dir nab",
            "sync-dir nab/cpu",
            "sync-dir nab/cpu/1970",
            "sync-dir nab/cpu/1970/01",
            "sync-dir nab/cpu/1970/01/01",
            "create " + FILE + ".tmp");
  }

  @Test
  void aDirectoryRemovedMeanwhileIsMadeAndSyncedAgain() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      write(sink);
      Files.delete(root.resolve(FILE));
      Files.delete(root.resolve(HOUR));
      disk.steps().clear();
      write(sink);
    }

    assertThat(disk.steps())
        .containsSubsequence("mkdir " + HOUR, "sync-dir nab/cpu/1970/01/01", "rename " + FILE);
  }

  @Test
  void aKeptFileIsMadeDurableBecauseNobodyKnowsWhetherItIs() throws IOException {
    LocalSink.open(root, disk).close();
    try (LocalSink first = LocalSink.open(root)) {
      write(first);
    }
    try (LocalSink second = LocalSink.open(root, disk)) {
      disk.steps().clear();
      assertThat(write(second).kept()).isTrue();
    }

    assertThat(disk.steps())
        .startsWith("sync " + FILE)
        .containsSubsequence("sync-dir nab/cpu/1970/01/01", "sync-dir " + HOUR)
        .noneMatch(step -> step.startsWith("create") || step.startsWith("rename"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mkdir", "create", "write", "sync nab", "rename"})
  void aFailedStepLeavesNoFileAndMayBeTriedAgain(String step) throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      disk.fail(step);
      assertThatThrownBy(() -> write(sink))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot write")
          .hasMessageContaining(FILE)
          .hasMessageContaining("today");
      assertThat(filesBelowRoot()).isEmpty();

      disk.fail();
      assertThat(write(sink).kept()).isFalse();
      assertThat(filesBelowRoot()).containsExactly(FILE);
    }
  }

  @Test
  void aTemporaryFileThatCannotBeRemovedGoesAtTheNextOpen() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      disk.fail("rename", "delete");
      assertThatThrownBy(() -> write(sink))
          .hasMessageContaining("no rename today")
          .cause()
          .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("no delete today"));
    }
    assertThat(filesBelowRoot()).containsExactly(FILE + ".tmp");
    try (LocalSink sink = LocalSink.open(root)) {
      assertThat(sink.removedAtOpen()).isEqualTo(1);
    }
    assertThat(filesBelowRoot()).isEmpty();
  }

  @Test
  void aFailedDirectorySyncIsFinalUntilTheSinkIsOpenedAgain() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      disk.fail("sync-dir " + HOUR);
      assertThatThrownBy(() -> write(sink))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("make durable the name of")
          .hasMessageContaining(FILE);
      disk.fail();

      assertThatThrownBy(() -> write(sink))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has failed")
          .hasMessageContaining("no sync-dir today")
          .hasMessageContaining("start again");
    }
    try (LocalSink again = LocalSink.open(root)) {
      assertThat(write(again).kept()).isTrue();
    }
  }

  @Test
  void aDirectoryThatIsAwayForAWhileFailsTheWriteAndNotTheSink() throws IOException {
    try (LocalSink sink = LocalSink.open(root)) {
      write(sink);
      Path moved = Files.move(root.resolve("nab"), root.resolve("aside"));
      Files.createSymbolicLink(root.resolve("nab"), root.resolve("nowhere"));
      assertThatThrownBy(() -> write(sink)).isInstanceOf(IOException.class);

      Files.delete(root.resolve("nab"));
      Files.move(moved, root.resolve("nab"));
      assertThat(write(sink).kept()).isTrue();
    }
  }

  @Test
  void anInterruptFailsTheWriteAndNothingElse() throws IOException {
    try (LocalSink sink = LocalSink.open(root, disk)) {
      disk.beforeWrite(() -> Thread.currentThread().interrupt());
      assertThatThrownBy(() -> write(sink))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ClosedByInterrupt");
      assertThat(Thread.interrupted()).as("the flag stays for the caller").isTrue();
      assertThat(filesBelowRoot()).isEmpty();

      disk.beforeWrite(() -> {});
      assertThat(write(sink).kept()).isFalse();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void anInterruptBeforeTheDirectorySyncIsNotAFailedSync() throws IOException {
    try (LocalSink sink = LocalSink.open(root)) {
      write(sink);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> write(sink)).isInstanceOf(IOException.class);
      assertThat(Thread.interrupted()).isTrue();

      assertThat(write(sink).kept()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }
}
