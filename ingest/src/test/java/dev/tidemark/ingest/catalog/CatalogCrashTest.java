package dev.tidemark.ingest.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Columns are added, checkpoints taken and the log pruned; the process is killed, or the power
/// cut, after each call that changed the storage, and again within the recovery. What is then found
/// is what was there: all that was acknowledged, with the same LSNs, and at most the addition under
/// way, whole.
@Timeout(180)
final class CatalogCrashTest {
  private static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).build();
  private static final long BEHIND_BYTES = 8192;
  private static final List<ColumnType> TYPES = List.of(ColumnType.values());
  private static final int STARTS = 3;
  private static final int ADDITIONS = 60; // of each start
  private static final int SEEDS = 4;

  /// After each change, from none.
  private final List<String> states = new ArrayList<>();

  private int recovered;

  /// A moment at which the machine may stop.
  ///
  /// @param known how many changes were acknowledged
  private record Moment(SimulatedDisk storage, int known) {}

  private static Catalog open(Wal log) throws IOException {
    return Catalog.open(log, 1000, BEHIND_BYTES, Runnable::run);
  }

  private static Additions addition(int number) {
    Additions additions = new Additions();
    for (int column = 0; column < 3; column++) {
      additions.add(
          Slice.of("m" + number % 7),
          Slice.of("column-" + number + "-" + column),
          TYPES.get((number + column) % TYPES.size()));
    }
    if (number % 5 == 0) { // and another measurement in the same batch
      additions.add(Slice.of("n" + number), Slice.of("v"), ColumnType.INT64);
    }
    return additions;
  }

  /// Everything that a catalog knows, in one text.
  static String described(Catalog catalog) {
    Measurements measurements = catalog.measurements();
    TreeSet<String> lines = new TreeSet<>();
    for (Measurement measurement : measurements.all()) {
      lines.add(measurement + " " + measurement.columns());
    }
    lines.add("ids " + new java.util.TreeMap<>(measurements.logIds()));
    return measurements.count() + " up to " + catalog.lastLsn() + String.join("\n", lines);
  }

  private List<Moment> run(SimulatedDisk storage) throws IOException {
    List<Moment> moments = new ArrayList<>();
    Runnable stop =
        () -> {
          synchronized (moments) {
            moments.add(new Moment(storage.crash(Crash.keepingAll()), states.size() - 1));
          }
        };
    states.add("0 up to 0ids {}");
    Storage watched = new WatchedStorage(storage, stop);
    int checkpoints = 0;
    for (int start = 0; start < STARTS; start++) {
      try (Wal log = Wal.open(watched, new FakeHost(1), OPTIONS);
          Catalog catalog = open(log)) {
        assertThat(described(catalog)).isEqualTo(states.getLast());
        catalog.logId(start, true, String.valueOf(start).repeat(32));
        states.add(described(catalog));
        for (int i = 0; i < ADDITIONS; i++) {
          assertThat(catalog.add("db", addition(start * ADDITIONS + i), 1000)).isTrue();
          states.add(described(catalog));
        }
        checkpoints += log.checkpoint().isPresent() ? 1 : 0;
        assertThat(log.segments().size()).as("pruned").isLessThan(8);
      }
    }
    assertThat(checkpoints).as("starts with a checkpoint").isEqualTo(STARTS);
    return moments;
  }

  private List<SimulatedDisk> recover(SimulatedDisk left, int known, String what)
      throws IOException {
    List<SimulatedDisk> within = new ArrayList<>();
    Runnable remember =
        () -> {
          synchronized (within) {
            within.add(left.crash(Crash.keepingAll()));
          }
        };
    recovered++;
    try (Wal log = Wal.open(new WatchedStorage(left, remember), new FakeHost(2), OPTIONS);
        Catalog catalog = open(log)) {
      assertThat(described(catalog))
          .as(what)
          .isIn(states.get(known), states.get(Math.min(known + 1, states.size() - 1)));
      synchronized (within) {
        return List.copyOf(within);
      }
    }
  }

  private void explore(SimulatedDisk storage) throws IOException {
    List<Moment> moments = run(storage);
    for (int i = 0; i < moments.size(); i++) {
      Moment moment = moments.get(i);
      List<SimulatedDisk> lefts = new ArrayList<>();
      lefts.add(moment.storage.crash(Crash.keepingAll()));
      lefts.add(moment.storage.crash(Crash.losingUnsynced()));
      for (int seed = 0; seed < SEEDS; seed++) {
        lefts.add(moment.storage.crash(Crash.random(seed)));
      }
      for (int crash = 0; crash < lefts.size(); crash++) {
        String what = "moment " + i + ", crash " + crash;
        List<SimulatedDisk> within = recover(lefts.get(crash), moment.known, what);
        if (i % 7 == crash) { // some of them again in the recovery
          for (int step = 0; step < within.size(); step++) {
            Crash again = crash == 0 ? Crash.keepingAll() : Crash.random(step);
            recover(within.get(step).crash(again), moment.known, what + ", step " + step);
          }
        }
      }
    }
    System.out.println("catalog: " + moments.size() + " moments, " + recovered + " recovered");
    assertThat(recovered).isGreaterThan(5 * moments.size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theCatalogAfterRecoveryIsTheCatalogBefore(boolean cacheStays) throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    if (cacheStays) {
      storage.cacheStays(); // so a checkpoint is verified by the next start only
    }
    explore(storage);
  }

  @Test
  void aCheckpointThatNobodyReliedOnYetMayBeDamaged() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    storage.cacheStays();
    run(storage);
    SimulatedDisk left = storage.crash(Crash.keepingAll());
    String newest =
        left.list().stream()
            .filter(name -> name.startsWith("checkpoint-"))
            .max(String::compareTo)
            .orElseThrow();
    left.flip(newest, left.bytes(newest).length / 2, 3);
    try (Wal log = Wal.open(left, new FakeHost(3), OPTIONS);
        Catalog catalog = open(log)) {
      assertThat(log.recovery().damagedCheckpoint()).isEqualTo(newest);
      assertThat(described(catalog)).isEqualTo(states.getLast());
    }
  }
}
