package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Lets several callers use one log at the same time, in an order drawn from a seed that may change
/// before each call to the disk, and stops the machine after each such call, by killing it and by
/// cutting its power. What a recovery then shows is held against what each of them was told.
///
/// Where an [Explorer] tries every short sequence of one caller, this tries what only happens when
/// callers meet: groups of several, waits for each other's syncs, rotations and truncations under
/// way. Used by one thread.
public final class CrowdExplorer {
  private static final int STEPS = 6; // of each caller

  private final WalOptions options;
  private final int callers;
  private UnaryOperator<Storage> seenAs = UnaryOperator.identity();
  private final Set<Long> seen = new HashSet<>();
  private final long begun = System.nanoTime();
  private long runs;
  private long moments;
  private long recoveries;

  /// @param options of the logs
  /// @param callers how many at a time
  public CrowdExplorer(WalOptions options, int callers) {
    this.options = options;
    this.callers = callers;
  }

  /// Puts something between the logs and their disk, as [Explorer#through].
  ///
  /// @param storage makes the storage the log gets of the one it would have had
  /// @return this
  public CrowdExplorer through(UnaryOperator<Storage> storage) {
    seenAs = storage;
    return this;
  }

  /// {@return how much was seen so far; its sequences are crowds}
  public Exploration seen() {
    return new Exploration(runs, moments, seen.size(), recoveries, System.nanoTime() - begun);
  }

  /// Explores what one crowd does.
  ///
  /// @param seed of what each caller does, and of the order
  /// @throws AssertionError if a call fails, or a recovery shows what it must not; the message has
  ///   the fewest callers and steps of each that still fail
  public void explore(long seed) {
    try {
      explore(seed, STEPS);
    } catch (AssertionError e) {
      shrink(seed);
      throw e; // nothing smaller fails
    }
  }

  /// Explores what one crowd does that takes fewer steps, or more.
  ///
  /// @param seed as [#explore(long)]
  /// @param steps of each caller
  /// @throws AssertionError if a call fails, or a recovery shows what it must not
  public void explore(long seed, int steps) {
    explore(seed, new CrowdRun(options, callers, steps, seed, new SimulatedHost(seed)));
  }

  // Who takes part does the same however many there are and however long they go on.
  private void shrink(long seed) {
    for (int steps = 1; steps <= STEPS; steps++) {
      for (int fewer = 1; fewer <= callers; fewer++) {
        new CrowdExplorer(options, fewer).through(seenAs).explore(seed, steps);
      }
    }
  }

  /// Explores what one crowd does, in every order of its turns that differs from the plainest one
  /// at so many places at most: other threads come first there.
  ///
  /// @param seed of what each caller does
  /// @param steps of each caller
  /// @param changes at how many places at most; each multiplies the runs by some hundred
  /// @return how many orders there are
  /// @throws AssertionError as [#explore]
  public long exhaust(long seed, int steps, int changes) {
    Turns turns = new Turns(changes);
    long orders = 0;
    do {
      explore(seed, new CrowdRun(options, callers, steps, seed, new SimulatedHost(seed, turns)));
      orders++;
    } while (turns.next());
    return orders;
  }

  private void explore(long seed, CrowdRun run) {
    String crowd = "seed " + seed + ", " + run.size();
    String place = crowd;
    try {
      List<CrowdRun.Stop> stops = run.make(seenAs);
      runs++;
      moments += stops.size();
      for (int i = 0; i < stops.size(); i++) {
        CrowdRun.Stop stop = stops.get(i);
        place = crowd + ", moment " + i + " (" + stop.operation() + ")";
        recoverAll(stop, seed + 1_000_003L * i);
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError(options.sync() + ", " + place + ": " + e.getMessage(), e);
    }
  }

  private void recoverAll(CrowdRun.Stop stop, long drawn) throws Exception {
    long books = stop.books().hash();
    recover(stop.disk().crash(Crash.keepingAll()), stop.books(), true, drawn);
    for (Crash crash : Outcomes.few(stop.disk().pending().size(), drawn)) {
      SimulatedDisk left = stop.disk().crash(crash);
      if (seen.add(Known.mixed(left.durableHash() ^ books))) {
        recover(left, stop.books(), false, drawn);
      }
    }
  }

  private void recover(SimulatedDisk left, CrowdBooks books, boolean killed, long seed)
      throws Exception {
    recoveries++;
    SimulatedHost host = new SimulatedHost(Known.mixed(seed));
    host.run(
        () -> {
          check(left, host, books, killed);
          return null;
        });
    assertThat(left.openFiles()).as("files left open").isZero();
  }

  private void check(SimulatedDisk left, SimulatedHost host, CrowdBooks books, boolean killed)
      throws IOException {
    try (Wal wal = Wal.open(left, host, options)) {
      long last = books.check(wal, killed);
      assertThat(wal.appendDurable(new byte[9])).as("the next LSN").isGreaterThan(last);
    }
  }
}
