package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// What several scenarios begin or end with.
final class Scene {
  static final SyncPolicy ASYNC = SyncPolicy.async(Duration.ofHours(1));
  static final List<SyncPolicy> POLICIES =
      List.of(SyncPolicy.fdatasync(), SyncPolicy.fsync(), ASYNC);

  private Scene() {}

  static Wal open(SimulatedDisk disk, WalOptions options) throws IOException {
    return Wal.open(disk, new FakeHost(1), options);
  }

  static Wal open(SimulatedDisk disk) throws IOException {
    return open(disk, Logs.SMALL);
  }

  static SimulatedDisk killed(SimulatedDisk disk) {
    return disk.crash(Crash.keepingAll());
  }

  static SimulatedDisk powerCut(SimulatedDisk disk) {
    return disk.crash(Crash.losingUnsynced());
  }

  static void awaitMark(SimulatedDisk disk) throws IOException {
    new Remains(disk).awaitMark();
  }

  /// Brings a log to a segment whose file had another life, with frames in it up to near its end.
  static void reachRecycled(Wal wal, SimulatedDisk disk) throws IOException {
    Remains now = new Remains(disk);
    do {
      for (int i = 0; i < 20; i++) {
        wal.appendDurable(Logs.record(wal.lastLsn() + 1));
      }
      wal.rotate();
      Logs.awaitSpares(wal);
      wal.truncateBefore(wal.lastLsn() + 1);
      Logs.awaitSpares(wal);
    } while (!now.isRecycled(now.newest()));
  }

  /// The log opens to these records, goes on behind them, and shows all of it after a power cut.
  static void holdsAndGoesOn(SimulatedDisk disk, WalOptions options, List<String> records)
      throws IOException {
    SimulatedDisk later;
    long next;
    try (Wal wal = open(disk, options)) {
      assertThat(Logs.read(wal)).isEqualTo(records);
      next = wal.appendDurable(Logs.record(0));
      later = powerCut(disk);
    }
    try (Wal wal = open(later, options)) {
      List<String> found = Logs.read(wal);
      assertThat(found).hasSize(records.size() + 1);
      assertThat(found.subList(0, records.size())).isEqualTo(records);
      assertThat(found.getLast()).isEqualTo(next + ":record 0");
    }
  }

  static void holdsAndGoesOn(SimulatedDisk disk, List<String> records) throws IOException {
    holdsAndGoesOn(disk, Logs.SMALL, records);
  }
}
