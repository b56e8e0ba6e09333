package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// One sequence of calls of which one meets a failing storage.
final class FaultyRun {
  private static final long LONGEST_NANOS = 120_000_000_000L; // of the simulated clock
  private static final Set<Call> ACKNOWLEDGED =
      EnumSet.of(
          Call.APPEND_SMALL,
          Call.APPEND_MEDIUM,
          Call.APPEND_LARGE,
          Call.APPEND_BATCH,
          Call.SYNC,
          Call.ROTATE);

  private final WalOptions options;
  private final List<Call> before;
  private final List<Call> calls;
  private final FaultExplorer.Way way;
  private final int n;
  private final long seed;
  private final UnaryOperator<Storage> seenAs;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedHost host;
  private final Ledger ledger;
  private final List<CompletableFuture<Long>> futures = new ArrayList<>();
  private final AtomicInteger completions = new AtomicInteger();
  private final List<CompletableFuture<Long>> late = new ArrayList<>(); // of a failed log
  private long met; // calls before the first that may fail
  private boolean failed;

  FaultyRun(
      WalOptions options,
      long seed,
      List<Call> before,
      List<Call> calls,
      FaultExplorer.Way way,
      int n,
      UnaryOperator<Storage> seenAs) {
    this.options = options;
    this.seed = seed;
    this.before = before;
    this.calls = calls;
    this.way = way;
    this.n = n;
    this.seenAs = seenAs;
    SimulatedHost machine = new SimulatedHost(seed);
    host = n % 2 == 0 ? machine : machine.callersDoNotWrite();
    ledger = new Ledger(options.sync(), host::nanoTime);
  }

  /// {@return whether the log failed}
  boolean failed() {
    return failed;
  }

  /// {@return whether the call that was to fail was reached}
  boolean make() throws Exception {
    boolean reached =
        host.run(
            () -> {
              makeCalls();
              return disk.faults().met(way.operation()) >= met + n;
            });
    assertThat(host.nanoTime()).as("time it took").isLessThan(LONGEST_NANOS);
    assertThat(disk.openFiles()).as("files left open").isZero();
    assertThat(futures).as("futures").allMatch(CompletableFuture::isDone);
    assertThat(completions).as("completions").hasValue(futures.size());
    assertThat(late).as("of a failed log").allMatch(CompletableFuture::isCompletedExceptionally);
    disk.faults().clear();
    Known known = ledger.known();
    opensAgain(disk.crash(Crash.losingUnsynced()), known, "power cut");
    opensAgain(disk.crash(Crash.random(seed + n)), known, "another power cut");
    opensAgain(disk.crash(Crash.keepingAll()), known.afterAKill(), "kill");
    return reached;
  }

  private void makeCalls() throws IOException {
    Storage seen = seenAs.apply(new WatchedStorage(disk, host::pass, () -> {}));
    Driver driver = new Driver(host, disk, seen, options, ledger);
    for (Call call : before) {
      driver.make(call);
    }
    met = disk.faults().met(way.operation());
    way.plan(disk.faults(), n);
    for (Call call : calls) {
      attempt(driver, call);
      appendAsync(driver);
      if (driver.hasFailed()) {
        failed = true;
        afterFailure(driver);
      }
    }
    if (!driver.hasFailed()) {
      goesOn(driver);
    }
    close(driver);
  }

  // A log that did not fail is as good as new once the disk is.
  private void goesOn(Driver driver) throws IOException {
    disk.faults().clear();
    driver.make(Call.REST);
    CompletableFuture<Long> future = driver.appendAsync();
    driver.make(Call.APPEND_SMALL);
    driver.make(Call.ROTATE);
    driver.make(Call.REST);
    assertThat(future).as("of a log that is well").isCompleted();
    driver.make(Call.APPEND_LARGE);
    driver.make(Call.ROTATE);
  }

  private void attempt(Driver driver, Call call) {
    boolean before = driver.hasFailed();
    try {
      driver.make(call);
      if (before && ACKNOWLEDGED.contains(call)) {
        throw new AssertionError(call + " was acknowledged by a log that had failed");
      }
    } catch (CorruptWalException | LsnGoneException e) {
      throw new AssertionError("no byte is damaged and no record gone", e);
    } catch (IOException e) {
      // whatever else it is: what counts is what the log shows afterwards
    }
  }

  private void appendAsync(Driver driver) {
    boolean before = driver.hasFailed();
    try {
      CompletableFuture<Long> future = driver.appendAsync();
      futures.add(future);
      if (before) {
        late.add(future);
      }
      var _ = future.whenComplete((lsn, error) -> completions.incrementAndGet());
    } catch (IOException e) {
      // as above
    }
  }

  // Nothing is taken any more; two times of three the log is then opened again in place, and if
  // that fails because the disk still does, once more when it does no longer.
  private void afterFailure(Driver driver) {
    attempt(driver, Call.APPEND_SMALL);
    if (n % 3 == 1) {
      try {
        driver.reopenFailed();
        return;
      } catch (IOException e) {
        // told; the log is as it was
      }
    }
    if (n % 3 != 0) {
      disk.faults().clear();
      try {
        if (!way.changesUnderReaders() || !reopened(driver)) {
          driver.reopenFailed();
        }
      } catch (IOException e) {
        throw new AssertionError("reopen failed on a disk without faults", e);
      }
    }
  }

  private static boolean reopened(Driver driver) throws IOException {
    try {
      driver.reopenFailed();
      return true;
    } catch (CorruptWalException e) {
      throw e;
    } catch (IOException e) {
      return false; // what was read changed under the recovery: it says so, and changes no more
    }
  }

  private static void close(Driver driver) throws IOException {
    try {
      driver.close();
    } catch (WalFailedException e) {
      // told once more
    } catch (IOException e) {
      // the files that were to be closed last; nothing is left behind all the same
    }
  }

  private void opensAgain(SimulatedDisk left, Known known, String what) throws Exception {
    SimulatedHost next = new SimulatedHost(seed + 1);
    SimulatedHost last = new SimulatedHost(seed + 2);
    List<SimulatedDisk> later = new ArrayList<>();
    List<Known> shown = new ArrayList<>();
    try {
      next.run(
          () -> {
            try (Wal wal = opened(left, next)) {
              long found = known.check(wal);
              shown.add(known.narrowedTo(wal));
              later.add(left.crash(Crash.losingUnsynced()));
              assertThat(wal.appendDurable(new byte[9])).isGreaterThan(found);
            }
            return null;
          });
      last.run(
          () -> {
            try (Wal wal = Wal.open(later.getFirst(), last, options)) {
              return shown.getFirst().check(wal); // and a power cut takes nothing of it
            }
          });
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          what
              + ", owed up to "
              + known.durable()
              + " of "
              + known.attempted()
              + ": "
              + e.getMessage(),
          e);
    }
    assertThat(left.openFiles()).as("files left open").isZero();
  }

  private Wal opened(SimulatedDisk left, SimulatedHost next) throws IOException {
    try {
      return Wal.open(left, next, options);
    } catch (CorruptWalException e) {
      throw e;
    } catch (IOException e) {
      if (way.changesUnderReaders()) {
        return Wal.open(left, next, options); // as above
      }
      throw e;
    }
  }
}
