package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Scenario 26: the directory, or files in it, may be read and not be written. The refusals are
/// those of a simulated disk, because tests may run as a user whom nothing is refused.
@Timeout(60)
class ReadOnlyDirectoryTest {
  private static final List<Faults.Operation> CHANGES =
      List.of(
          Faults.Operation.WRITE,
          Faults.Operation.CREATE,
          Faults.Operation.RENAME,
          Faults.Operation.DELETE,
          Faults.Operation.TRUNCATE);

  private static void refuse(SimulatedDisk disk, Faults.Operation call) {
    disk.faults().failForEver(call, 1, new AccessDeniedException("read-only"));
  }

  @Test
  void readingWorksAndChangesNothing() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 10));
    CHANGES.forEach(call -> refuse(log.storage, call));
    refuse(log.storage, Faults.Operation.SYNC);
    refuse(log.storage, Faults.Operation.SYNC_DIRECTORY);
    assertThat(Follow.readUnproven(log.storage)).hasSize(10);
    Wal.check(log.storage, new dev.tidemark.testkit.host.FakeHost(1), Logs.SMALL);
  }

  @Test
  void openingForWritingIsRefusedAndChangesNothing() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 10));
    CHANGES.forEach(call -> refuse(log.storage, call));
    Map<String, String> before = log.bytes();
    assertThatThrownBy(log::open).isInstanceOf(AccessDeniedException.class);
    assertThat(log.bytes()).isEqualTo(before);
    log.storage.faults().clear();
    Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 10));
  }

  @Test
  void whateverSingleKindOfChangeIsRefusedTheLogOpensOrRefusesAndLosesNothing() throws IOException {
    for (Faults.Operation call : CHANGES) {
      Remains log = Remains.of(wal -> Logs.append(wal, 1, 10));
      refuse(log.storage, call);
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
      } catch (IOException refused) {
        assertThat(refused).as("%s", call).hasStackTraceContaining("read-only");
      }
      log.storage.faults().clear();
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 10));
      }
    }
  }

  @Test
  void creatingALogIsRefusedAndLeavesNothingThatLooksLikeOne() throws IOException {
    for (Faults.Operation call : CHANGES) {
      SimulatedDisk disk = new SimulatedDisk();
      refuse(disk, call);
      try (Wal wal = Scene.open(disk)) {
        assertThat(call)
            .isIn(Faults.Operation.DELETE, Faults.Operation.TRUNCATE); // nothing to remove
        assertThat(wal.append(Logs.record(1))).isEqualTo(1);
      } catch (AccessDeniedException refused) {
        disk.faults().clear();
        Scene.holdsAndGoesOn(disk, List.of());
      }
    }
  }

  @Test
  void readerOfWhatIsNoDirectoryIsRefusedAndMakesNothing(@TempDir Path directory)
      throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> Wal.openReadOnly(missing)).isInstanceOf(IOException.class);
    assertThat(missing).doesNotExist();
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> Wal.open(file, Logs.SMALL))
        .isInstanceOfAny(NotDirectoryException.class, IOException.class);
    assertThat(Files.size(file)).isZero();
    Path empty = Files.createDirectory(directory.resolve("empty"));
    try (WalReader reader = Wal.openReadOnly(empty)) {
      assertThat(reader.lastLsn()).isZero(); // a log may yet be made there
    }
    try (Stream<Path> files = Files.list(empty)) {
      assertThat(files).isEmpty();
    }
  }
}
