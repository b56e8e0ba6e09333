package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 33: the disk cannot read something now, and perhaps can later.
@Timeout(60)
class ReadErrorTest {
  private static WalOptions options(OnCorruption onCorruption, boolean verify) {
    return WalOptions.builder()
        .segmentBytes(4096)
        .stagingBytes(1024)
        .onCorruption(onCorruption)
        .verifyOnOpen(verify)
        .build();
  }

  // Of everything a log can have: segments, a subscription, a checkpoint, unproven records.
  private static Remains log(boolean verified) throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              wal.rotate();
              Logs.append(wal, 11, 20);
              wal.subscribe("reader", 5).close();
              wal.checkpoint(8, target -> target.write(new byte[100_000]));
              wal.rotate();
              Logs.append(wal, 21, 25);
            });
    return verified ? log.work(Logs.SMALL, wal -> {}) : log;
  }

  private static void everyRead(Remains log, WalOptions options, List<String> records)
      throws IOException {
    int failed = 0;
    for (int n = 1; n < 200; n++) {
      SimulatedDisk disk = Scene.killed(log.storage);
      IOException broken = new IOException("read " + n);
      disk.faults().fail(Faults.Operation.READ, n, broken);
      Throwable thrown =
          catchThrowable(
              () -> Wal.open(disk, new dev.tidemark.testkit.host.FakeHost(1), options).close());
      if (disk.faults().met(Faults.Operation.READ) < n) {
        break;
      }
      if (thrown != null) { // the error as it is: neither an end nor damage
        assertThat(thrown).isSameAs(broken);
        failed++;
      }
      disk.faults().clear();
      assertThat(disk.list())
          .noneMatch(name -> name.contains(".damaged") || name.contains(".aside"));
      try (Wal wal = Scene.open(disk)) {
        assertThat(wal.recovery().holes()).isEmpty();
        assertThat(wal.holes()).isEmpty();
        assertThat(wal.checkpoint()).isPresent();
        assertThat(wal.subscriptions()).hasSize(1);
        List<String> found = Logs.read(wal);
        assertThat(found).as("read %s", n).endsWith(records.toArray(String[]::new));
      }
    }
    assertThat(failed).isGreaterThan(5); // how many there are depends on which spares were ready
  }

  @Test
  void ofAnythingThatOpeningReadsIsThrownAndTheNextOpenFindsEverything() throws IOException {
    for (boolean verified : new boolean[] {false, true}) {
      for (OnCorruption each : OnCorruption.values()) {
        everyRead(log(verified), options(each, false), Logs.expected(9, 25));
      }
    }
  }

  @Test
  void isNotSalvagedEvenWhereThereIsDamageToo() throws IOException {
    Remains log = log(true);
    log.spoilPayload(Remains.segment(2), log.frames(Remains.segment(2)).get(3));
    for (int n = 1; n < 300; n++) {
      SimulatedDisk disk = Scene.killed(log.storage);
      disk.faults().fail(Faults.Operation.READ, n, new IOException("read"));
      Throwable thrown =
          catchThrowable(() -> Scene.open(disk, options(OnCorruption.SKIP, true)).close());
      boolean met = disk.faults().met(Faults.Operation.READ) >= n;
      disk.faults().clear();
      try (Wal wal = Scene.open(disk, options(OnCorruption.SKIP, true))) {
        assertThat(wal.holes()).hasSize(1);
        assertThat(wal.holes().getFirst().count()).isEqualTo(1);
        assertThat(Logs.read(wal)).hasSize(25 - (int) wal.firstLsn());
      }
      if (!met) {
        assertThat(thrown).isNull();
        assertThat(n).isGreaterThan(10);
        return;
      }
    }
    throw new AssertionError("opening never ends to read");
  }

  @Test
  void underACursorIsThrownAndTheCursorGoesOnWhereItWas() throws IOException {
    Remains log = log(true);
    try (Wal wal = log.open()) {
      Logs.awaitSpares(wal);
      List<String> all = Logs.read(wal);
      for (int n = 1; n <= 8; n++) {
        try (Cursor cursor = wal.read(wal.firstLsn())) {
          log.storage.faults().fail(Faults.Operation.READ, n, new IOException("read"));
          assertThat(patiently(cursor)).isEqualTo(all);
        }
        log.storage.faults().clear();
      }
    }
  }

  @Test
  void underAReaderBesideTheLogIsThrownAndItGoesOnWhereItWas() throws IOException {
    Remains log = log(true);
    List<String> all = Follow.read(log.storage);
    for (int n = 1; n <= 40; n++) {
      try (WalReader reader = Follow.open(log.storage);
          Cursor cursor = reader.read(reader.firstLsn())) {
        log.storage.faults().fail(Faults.Operation.READ, n, new IOException("read"));
        assertThat(patiently(cursor)).as("read %s", n).isEqualTo(all);
      }
      log.storage.faults().clear();
    }
  }

  // Everything a cursor delivers, by somebody who tries again.
  private static List<String> patiently(Cursor cursor) throws IOException {
    List<String> found = new ArrayList<>();
    while (true) {
      try {
        if (!cursor.next()) {
          return found;
        }
        found.add(
            cursor.lsn()
                + ":"
                + new String(cursor.bytes(), java.nio.charset.StandardCharsets.UTF_8));
      } catch (dev.tidemark.wal.CorruptWalException e) {
        throw e;
      } catch (IOException e) {
        assertThat(e).hasMessage("read");
      }
    }
  }

  @Test
  void underACheckpointIsThrown() throws IOException {
    Remains log = log(true);
    try (Wal wal = log.open()) {
      Logs.awaitSpares(wal);
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        log.storage.faults().fail(Faults.Operation.READ, 1, new IOException("read"));
        assertThat(catchThrowable(in::readAllBytes)).hasMessage("read");
      }
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        assertThat(in.readAllBytes()).isEqualTo(new byte[100_000]);
      }
    }
  }
}
