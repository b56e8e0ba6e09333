package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// One sequence of calls on a new log, and the moments at which it was stopped.
final class Run {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final Ledger ledger;
  private final List<Moment> moments = new ArrayList<>();
  private boolean recording;

  private Run(WalOptions options, SimulatedHost host) {
    ledger = new Ledger(options.sync(), host::nanoTime);
  }

  /// Makes the calls and closes the log.
  ///
  /// @param from the first call whose moments are wanted
  /// @throws AssertionError if a call fails, or the log leaves threads or files behind
  static List<Moment> of(
      WalOptions options, long seed, List<Call> calls, int from, UnaryOperator<Storage> seenAs) {
    SimulatedHost host = new SimulatedHost(seed);
    Run run = new Run(options, host);
    try {
      host.run(
          () -> {
            run.make(host, options, calls, from, seenAs);
            run.stopIfMoreIsOwed();
            return null;
          });
    } catch (AssertionError e) {
      throw new AssertionError("making " + calls + ": " + e.getMessage(), e);
    } catch (Exception e) {
      throw new AssertionError("making " + calls, e);
    }
    if (run.disk.openFiles() != 0) {
      throw new AssertionError(run.disk.openFiles() + " files are left open after " + calls);
    }
    return run.moments;
  }

  private void make(
      SimulatedHost host,
      WalOptions options,
      List<Call> calls,
      int from,
      UnaryOperator<Storage> seenAs)
      throws Exception {
    Storage watched = seenAs.apply(new WatchedStorage(disk, this::stopIfMoreIsOwed, this::stop));
    try (Driver driver = new Driver(host, disk, watched, options, ledger)) {
      for (int i = 0; i < calls.size(); i++) {
        recording = i >= from;
        driver.make(calls.get(i));
      }
    }
  }

  // What is owed may have grown since the disk changed: something was acknowledged meanwhile.
  private void stopIfMoreIsOwed() {
    if (recording && !moments.isEmpty()) {
      Known owed = ledger.known();
      if (owed.hash() != moments.getLast().known().hash()) {
        stop(owed, "behind " + disk.lastOperation());
      }
    }
  }

  private void stop() {
    if (recording) {
      stop(ledger.known(), disk.lastOperation());
    }
  }

  private void stop(Known owed, String operation) {
    SimulatedDisk copy = disk.crash(Crash.keepingAll());
    moments.add(new Moment(moments.size(), operation, copy, owed));
  }
}
