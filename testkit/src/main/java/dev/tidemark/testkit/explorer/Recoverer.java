package dev.tidemark.testkit.explorer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/// Lets everything happen that may happen at a moment, and recovers. Used by one thread.
final class Recoverer {
  private static final byte[] AFTERWARDS = "afterwards".getBytes(UTF_8);

  private final WalOptions options;
  private final LongPredicate isNew;
  private final Runnable counter;

  /// @param isNew tells of a state whether it was not seen before
  /// @param counter told of each recovery
  Recoverer(WalOptions options, LongPredicate isNew, Runnable counter) {
    this.options = options;
    this.isNew = isNew;
    this.counter = counter;
  }

  /// Recovers from everything that may happen at a moment.
  ///
  /// @throws AssertionError if any of it shows what it must not, or fails
  void recoverAll(Moment moment) {
    String place = "moment " + moment.number() + " (" + moment.operation() + "), ";
    Crash kill = Crash.keepingAll();
    recover(moment.disk().crash(kill), moment.known().afterAKill(), place + kill, true);
    long seed = moment.known().hash();
    for (Crash crash : Outcomes.all(moment.disk().pending().size(), seed)) {
      SimulatedDisk left = moment.disk().crash(crash);
      if (isNew.test(state(left, moment.known()))) {
        recover(left, moment.known(), place + crash, false);
      }
    }
  }

  private static long state(SimulatedDisk disk, Known known) {
    return Known.mixed(disk.durableHash() ^ known.hash());
  }

  private void recover(SimulatedDisk left, Known known, String place, boolean killed) {
    List<SimulatedDisk> steps = new ArrayList<>();
    run(place, known, () -> recoverAndGoOn(left, known, steps, killed));
    for (int i = 0; i < steps.size(); i++) {
      SimulatedDisk at = steps.get(i);
      // What a kill left unsynced, a power cut may still take, as long as the recovery runs.
      for (Crash crash : Outcomes.few(at.pending().size(), known.hash() + i)) {
        SimulatedDisk again = at.crash(crash);
        Known owed = known;
        if (!killed && isNew.test(state(again, owed))) {
          run(place + ", then step " + i + " of recovery, " + crash, owed, () -> open(again, owed));
        }
      }
      SimulatedDisk killedAgain = at.crash(Crash.keepingAll());
      if (i % 3 == 0) {
        run(place + ", then step " + i + ", kill", known, () -> open(killedAgain, known));
      }
    }
  }

  private interface Attempt {
    void make(SimulatedHost host) throws IOException;
  }

  private interface Program {
    void run() throws IOException;
  }

  private void run(String place, Known known, Program program) {
    try {
      program.run();
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          place + ", owed up to " + known.durable() + " of " + known.attempted() + ": " + e, e);
    }
  }

  private void on(long seed, Attempt attempt) throws IOException {
    SimulatedHost host = new SimulatedHost(seed);
    counter.run();
    try {
      host.run(
          () -> {
            attempt.make(host);
            return null;
          });
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void open(SimulatedDisk left, Known known) throws IOException {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(left, host, options)) {
            known.check(wal);
          }
        });
  }

  // Recovers, appends, and cuts the power: what was shown is still there, and so is the new record.
  private void recoverAndGoOn(
      SimulatedDisk left, Known known, List<SimulatedDisk> steps, boolean killed)
      throws IOException {
    List<SimulatedDisk> later = new ArrayList<>();
    long[] ends = new long[2];
    on(
        2,
        host -> {
          List<SimulatedDisk> within = new ArrayList<>();
          WatchedStorage watched =
              new WatchedStorage(left, () -> within.add(left.crash(Crash.keepingAll())));
          try (Wal wal = Wal.open(watched, host, options)) {
            steps.addAll(within);
            ends[0] = known.check(wal);
            checkVerdict(wal.recovery(), killed);
            later.add(left.crash(Crash.losingUnsynced()));
            ends[1] = wal.appendDurable(AFTERWARDS);
            later.add(left.crash(Crash.losingUnsynced()));
          }
        });
    assertThat(ends[1]).as("the next LSN").isGreaterThan(ends[0]);
    assertThat(left.openFiles()).as("files left open").isZero();
    openAgain(later.getFirst(), known.atLeast(ends[0]), ends[0]);
    openLater(later.getLast(), ends);
  }

  // After a kill every byte is there that was written: nothing can be torn or missing.
  private static void checkVerdict(RecoveryReport report, boolean killed) {
    assertThat(report.holes()).as("holes").isEmpty();
    assertThat(report.setAside()).as("set aside").isEmpty();
    if (killed) {
      assertThat(report.cutBytes()).as("cut after a kill").isZero();
    }
  }

  private void openAgain(SimulatedDisk disk, Known known, long last) throws IOException {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(disk, host, options)) {
            assertThat(known.check(wal)).as("recovered a second time").isEqualTo(last);
          }
        });
  }

  private void openLater(SimulatedDisk disk, long[] ends) throws IOException {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(disk, host, options);
              Cursor cursor = wal.read(ends[0] + 1)) {
            assertThat(cursor.next()).as("the record appended after recovery").isTrue();
            assertThat(cursor.lsn()).isEqualTo(ends[1]);
            assertThat(cursor.bytes()).isEqualTo(AFTERWARDS);
            assertThat(cursor.next()).as("more").isFalse();
          }
        });
  }
}
