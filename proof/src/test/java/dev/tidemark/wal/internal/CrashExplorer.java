package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.CrashRecoverer.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Stops a log after each call that changed its storage, and where more is owed than then; kills it
/// there or cuts the power, and recovers; and stops each kind of recovery in the same way. What a
/// reader is shown of each state is held against what the recovery makes of it.
///
/// Logs and recoveries run on simulated hosts: one thread at a time, and before any call to the
/// storage another may come first. Everything follows from a seed, another one in each run, which
/// is printed; `-Dcrash.explorer.seed=` sets it. Each work is done twice: by a caller that writes
/// and syncs for the log, and with the log's threads doing all of it.
final class CrashExplorer {
  private static final long SEED =
      Long.getLong("crash.explorer.seed", ThreadLocalRandom.current().nextInt(1_000_000));

  /// What is done with a log, from opening it to closing it.
  interface Work {
    void on(Wal wal, SimulatedHost host, Sent sent) throws Exception;
  }

  private final WalOptions options;
  private final List<Work> works;
  private boolean cacheStays;
  private long capacityBytes = Long.MAX_VALUE;
  private final AtomicInteger moments = new AtomicInteger();
  private final AtomicInteger states = new AtomicInteger();
  private final AtomicInteger statesInRecovery = new AtomicInteger();

  /// @param works one after the other, each with the log opened for it
  CrashExplorer(WalOptions options, Work... works) {
    this.options = options;
    this.works = List.of(works);
  }

  /// Lets no page cache be passed.
  CrashExplorer cacheStays() {
    cacheStays = true;
    return this;
  }

  /// Lets the disk be full with so many bytes.
  CrashExplorer onDiskOf(long bytes) {
    capacityBytes = bytes;
    return this;
  }

  /// Explores, and prints how much there was to see.
  ///
  /// @param what how the line names it
  void explore(String what) throws Exception {
    FutureTask<Void> alone = task(new SimulatedHost(SEED), what + ", callers write");
    FutureTask<Void> served =
        task(new SimulatedHost(SEED).callersDoNotWrite(), what + ", threads write");
    Thread beside = Thread.ofVirtual().start(alone);
    try {
      served.run();
      served.get();
      alone.get();
    } finally {
      beside.interrupt(); // no longer there if all went well
    }
    System.out.printf(
        "crash explorer, seed %d, %s: %,d moments, %,d states recovered, %,d more crashed in"
            + " recovery%n",
        SEED, what, moments.get(), states.get(), statesInRecovery.get());
    assertThat(states.get()).isGreaterThan(moments.get());
    assertThat(statesInRecovery.get()).isGreaterThan(states.get());
  }

  private FutureTask<Void> task(SimulatedHost host, String what) {
    return new FutureTask<>(
        () -> {
          explore(host, what);
          return null;
        });
  }

  private void explore(SimulatedHost host, String what) throws Exception {
    Sent sent = new Sent(!(options.sync() instanceof SyncPolicy.Async));
    CrashRecoverer recoverer = new CrashRecoverer(options, SEED, sent);
    try {
      for (Moment moment : run(host, sent)) {
        moments.incrementAndGet();
        recoverer.recoverAll(moment);
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + SEED + ", " + what + ": " + e.getMessage(), e);
    }
    states.addAndGet(recoverer.states());
    statesInRecovery.addAndGet(recoverer.statesInRecovery());
  }

  // ---- what is done

  private List<Moment> run(SimulatedHost host, Sent sent) throws Exception {
    SimulatedDisk disk = new SimulatedDisk();
    disk.capacity(capacityBytes);
    if (cacheStays) {
      disk.cacheStays();
    }
    List<Moment> stops = new ArrayList<>();
    Runnable stop =
        () -> stops.add(new Moment(stops.size(), disk.crash(Crash.keepingAll()), sent.known()));
    Runnable before =
        () -> {
          host.pass();
          if (!stops.isEmpty() && !sent.known().equals(stops.getLast().known())) {
            stop.run(); // something was promised since the disk changed
          }
        };
    host.run(
        () -> {
          for (Work work : works) {
            try (Wal wal = Wal.open(new WatchedStorage(disk, before, stop), host, options)) {
              work.on(wal, host, sent);
            }
          }
          return null;
        });
    assertThat(disk.openFiles()).as("files left open").isZero();
    return stops;
  }
}
