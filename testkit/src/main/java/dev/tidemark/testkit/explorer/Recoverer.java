package dev.tidemark.testkit.explorer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.RecoveryReport.Verdict;
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
  private final long seed;
  private final LongPredicate isNew;
  private final Runnable counter;

  /// @param seed of what is drawn
  /// @param isNew tells of a state whether it was not seen before
  /// @param counter told of each recovery
  Recoverer(WalOptions options, long seed, LongPredicate isNew, Runnable counter) {
    this.options = options;
    this.seed = Known.mixed(seed); // not that of the run: its nonces must be others
    this.isNew = isNew;
    this.counter = counter;
  }

  /// Recovers from everything that may happen at a moment.
  ///
  /// @throws AssertionError if any of it shows what it must not, or fails
  void recoverAll(Moment moment) {
    String place = "moment " + moment.number() + " (" + moment.operation() + "), ";
    Crash kill = Crash.keepingAll();
    Known owed = moment.known();
    recover(moment.disk().crash(kill), owed.afterAKill(), owed, place + kill, true);
    long books = owed.hash();
    long drawn = Known.mixed(seed ^ books) + moment.number();
    for (Crash crash : Outcomes.all(moment.disk().pending().size(), drawn)) {
      SimulatedDisk left = moment.disk().crash(crash);
      if (isNew.test(state(left, books))) {
        recover(left, owed, owed, place + crash, false);
      }
    }
  }

  private static long state(SimulatedDisk disk, long books) {
    return Known.mixed(disk.durableHash() ^ books);
  }

  // `known` is owed by this recovery, `cut` by one after a power cut in the middle of it: what a
  // kill left unsynced may still be taken then.
  private void recover(SimulatedDisk left, Known known, Known cut, String place, boolean killed) {
    List<SimulatedDisk> steps = new ArrayList<>();
    run(place, known, () -> recoverAndGoOn(left, known, steps, killed));
    long books = cut.hash();
    for (int i = 0; i < steps.size(); i++) {
      SimulatedDisk at = steps.get(i);
      for (Crash crash : Outcomes.few(at.pending().size(), Known.mixed(seed ^ books) + i)) {
        SimulatedDisk again = at.crash(crash);
        if (isNew.test(~state(again, books))) { // only opened: it counts for itself
          run(place + ", then step " + i + " of recovery, " + crash, cut, () -> open(again, cut));
        }
      }
      SimulatedDisk killedAgain = at.crash(Crash.keepingAll());
      if (killed || i % 3 == 0) { // where nothing was unsynced, a kill is much like none
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

  private void on(long number, Attempt attempt) throws IOException {
    SimulatedHost host = new SimulatedHost(seed + number);
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
    List<Known> shown = new ArrayList<>();
    on(
        2,
        host -> {
          List<SimulatedDisk> within = new ArrayList<>();
          SimulatedDisk before = left.crash(Crash.keepingAll());
          WatchedStorage watched =
              new WatchedStorage(left, () -> within.add(left.crash(Crash.keepingAll())));
          try (Wal wal = Wal.open(watched, host, options)) {
            steps.addAll(within);
            ends[0] = known.check(wal);
            checkVerdict(wal.recovery(), known, killed);
            long named = Ending.check(before, wal.recovery());
            shown.add(known.narrowedTo(wal));
            later.add(left.crash(Crash.losingUnsynced()));
            ends[1] = wal.appendDurable(AFTERWARDS);
            checkNew(ends[1], wal);
            assertThat(ends[1])
                .as("the next LSN, behind those that frames name")
                .isGreaterThan(named);
            later.add(left.crash(Crash.losingUnsynced()));
          }
        });
    assertThat(ends[1]).as("the next LSN").isGreaterThan(ends[0]);
    assertThat(left.openFiles()).as("files left open").isZero();
    openAgain(later.getFirst(), shown.getFirst(), ends[0]);
    openLater(later.getLast(), ends, false);
    if (killed) {
      // It was closed: under every policy all of it is durable.
      openLater(left.crash(Crash.losingUnsynced()), ends, true);
    }
  }

  // After a kill every byte is there that was written: nothing can be torn or missing.
  // A log that was closed ends in its seal, whatever happened after.
  private static void checkVerdict(RecoveryReport report, Known known, boolean killed) {
    assertThat(report.holes()).as("holes").isEmpty();
    assertThat(report.setAside()).as("set aside").isEmpty();
    boolean cut = report.cutBytes() > 0 || report.discardedTo() > 0;
    assertThat(report.verdict() == Verdict.UNVOUCHED_TAIL).as("cut").isEqualTo(cut);
    assertThat(report.manifestRebuilt()).as("manifest rebuilt").isFalse();
    if (killed) {
      assertThat(cut).as("cut after a kill").isFalse();
    }
    if (known.sealed()) {
      assertThat(report.verdict()).as("of a closed log").isEqualTo(Verdict.SEALED);
    }
  }

  // Above everything that was ever seen: no LSN means two records.
  private static void checkNew(long lsn, Wal wal) {
    RecoveryReport report = wal.recovery();
    assertThat(lsn)
        .as("the next LSN")
        .isGreaterThan(report.discardedTo())
        .isGreaterThan(report.promisedLsn())
        .isGreaterThan(wal.checkpoint().map(Checkpoint::lsn).orElse(0L));
    assertThat(wal.subscriptions()).allMatch(status -> status.acked() < lsn);
  }

  private void openAgain(SimulatedDisk disk, Known known, long last) throws IOException {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(disk, host, options)) {
            assertThat(known.check(wal)).as("recovered a second time").isEqualTo(last);
            assertThat(wal.recovery().discardedTo()).as("discarded a second time").isZero();
            assertThat(wal.recovery().cutBytes()).as("cut a second time").isZero();
          }
        });
  }

  private void openLater(SimulatedDisk disk, long[] ends, boolean closed) throws IOException {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(disk, host, options);
              Cursor cursor = wal.read(ends[0] + 1)) {
            assertThat(cursor.next()).as("the record appended after recovery").isTrue();
            assertThat(cursor.lsn()).isEqualTo(ends[1]);
            assertThat(cursor.bytes()).isEqualTo(AFTERWARDS);
            assertThat(cursor.next()).as("more").isFalse();
            if (closed) {
              assertThat(wal.recovery().verdict()).as("of a closed log").isEqualTo(Verdict.SEALED);
            }
          }
        });
  }
}
