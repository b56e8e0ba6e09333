package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Scenario 24: files that are not the log's lie in its directory.
@Timeout(60)
class ForeignFilesTest {
  private static final List<String> FOREIGN =
      List.of(
          "notes.txt",
          "1.wal",
          "000000000000000A.wal",
          "0000000000000000.wal",
          "00000000000000001.wal",
          "0000000000000001.wal.bak",
          "0000000000000001.wal~",
          "0000000000000001.log",
          "0000000000000002.gone.bak",
          "manifest.bak",
          "manifest~",
          "manifest.tmp.old",
          "subscriptions.old",
          "checkpoint",
          "checkpoint-12",
          "checkpoint-zzzzzzzzzzzzzzzz-0000000000000001",
          ".nfs0000000000000001",
          "x.tmp",
          "0000.wal.tmp");

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
        });
  }

  @Test
  void areLeftAloneWhateverIsInThem() throws IOException {
    for (byte[] content : List.of(new byte[0], new byte[4096], new byte[] {1, 2, 3})) {
      Remains log = twoSegments();
      FOREIGN.forEach(name -> log.storage.replace(name, content));
      Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 20));
      assertThat(log.storage.list()).containsAll(FOREIGN);
      FOREIGN.forEach(name -> assertThat(log.storage.bytes(name)).isEqualTo(content));
    }
  }

  @Test
  void copiesOfASegmentUnderForeignNamesAreNoSegments() throws IOException {
    Remains log = twoSegments();
    byte[] segment = log.storage.bytes(Remains.segment(2));
    FOREIGN.forEach(name -> log.storage.replace(name, segment));
    Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 20));
    FOREIGN.forEach(name -> assertThat(log.storage.bytes(name)).isEqualTo(segment));
  }

  @Test
  void doNotMakeALogWhereThereIsNone() throws IOException {
    Remains log = new Remains(new dev.tidemark.testkit.disk.SimulatedDisk());
    FOREIGN.forEach(name -> log.storage.replace(name, new byte[300]));
    Scene.holdsAndGoesOn(log.storage, List.of());
    assertThat(log.storage.list()).containsAll(FOREIGN);
  }

  @Test
  void ownLeftoversAreRemoved() throws IOException {
    Remains log = twoSegments();
    List<String> own = List.of("manifest.tmp", "subscriptions.tmp", Remains.segment(77) + ".tmp");
    own.forEach(name -> log.storage.replace(name, new byte[5000]));
    Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 20));
    assertThat(log.storage.list()).doesNotContainAnyElementsOf(own);
  }

  @Test
  void directoriesAndLinksInARealDirectoryAreLeftAlone(@TempDir Path directory) throws IOException {
    for (String name : List.of("lost+found", "000000000000000A.wal", "manifest.old", "x.tmp")) {
      Files.createDirectory(directory.resolve(name));
    }
    Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
    for (int n = 1; n <= 3; n++) {
      try (Wal wal = Wal.open(directory, Logs.SMALL)) {
        assertThat(wal.append(Logs.record(n))).isEqualTo(n);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, n));
      }
    }
    assertThat(directory.resolve("lost+found")).isDirectory();
    assertThat(Files.isSymbolicLink(directory.resolve("link"))).isTrue();
  }
}
