package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.storage.Storage;
import java.util.ArrayList;
import java.util.List;

/// One sequence of calls on a new log, and the moments at which it was stopped.
final class Run {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final Plan plan;
  private final SimulatedHost host;
  private final Ledger ledger;
  private final List<Moment> moments = new ArrayList<>();
  private boolean recording;

  private Run(Plan plan) {
    this.plan = plan;
    host = plan.host();
    ledger = new Ledger(plan.options().sync(), host::nanoTime);
  }

  /// Makes the calls and closes the log.
  ///
  /// @throws AssertionError if a call fails, or the log leaves threads or files behind
  static List<Moment> of(Plan plan) {
    Run run = new Run(plan);
    try {
      run.host.run(
          () -> {
            run.make();
            run.stopIfMoreIsOwed();
            return null;
          });
    } catch (AssertionError e) {
      throw new AssertionError("making " + plan.calls() + ": " + e.getMessage(), e);
    } catch (Exception e) {
      throw new AssertionError("making " + plan.calls(), e);
    }
    if (run.disk.openFiles() != 0) {
      throw new AssertionError(run.disk.openFiles() + " files are left open after " + plan.calls());
    }
    return run.moments;
  }

  private void make() throws Exception {
    Storage watched = plan.seenAs().apply(new WatchedStorage(disk, this::before, this::stop));
    try (Driver driver = new Driver(host, disk, watched, plan.options(), ledger)) {
      for (int i = 0; i < plan.calls().size(); i++) {
        recording = i >= plan.from();
        driver.make(plan.calls().get(i));
      }
    }
  }

  // Another thread may come first: what it does to the disk, it then does before this call.
  private void before() {
    host.pass();
    stopIfMoreIsOwed();
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
