package dev.tidemark.testkit.explorer;

import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// What is done with a new log. Immutable.
///
/// @param options of the log
/// @param seed of the scheduler
/// @param calls in order
/// @param from the first call whose moments are wanted
/// @param callersWrite whether a caller may write and sync for the log; if not, the log's threads
///   do
/// @param seenAs what the log gets in place of its storage
record Plan(
    WalOptions options,
    long seed,
    List<Call> calls,
    int from,
    boolean callersWrite,
    UnaryOperator<Storage> seenAs) {

  /// {@return the same with other calls made before its own, whose moments nobody wants}
  Plan behind(List<Call> before) {
    List<Call> all = new ArrayList<>(before);
    all.addAll(calls);
    return new Plan(options, seed, all, before.size() + from, callersWrite, seenAs);
  }

  /// {@return the machine it runs on}
  SimulatedHost host() {
    SimulatedHost host = new SimulatedHost(seed);
    return callersWrite ? host : host.callersDoNotWrite();
  }
}
