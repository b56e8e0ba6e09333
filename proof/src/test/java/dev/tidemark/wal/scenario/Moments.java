package dev.tidemark.wal.scenario;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.wal.storage.Storage;
import java.util.ArrayList;
import java.util.List;

/// What a disk was after each call that changed it, and what was acknowledged by then. Safe for use
/// by several threads.
final class Moments {
  private final SimulatedDisk disk;
  private final List<Moment> all = new ArrayList<>(); // guarded by this
  private long acknowledged; // guarded by this
  private boolean ended; // guarded by this

  /// One of them.
  ///
  /// @param operation the call before it
  /// @param disk with what is not synced
  /// @param acknowledged the last LSN that was acknowledged for sure
  record Moment(String operation, SimulatedDisk disk, long acknowledged) {
    /// {@return what a kill leaves, a power cut that loses everything unsynced, and some that lose
    /// a part of it}
    List<SimulatedDisk> crashes(int seeds) {
      List<SimulatedDisk> crashes = new ArrayList<>();
      crashes.add(disk.crash(Crash.keepingAll()));
      crashes.add(disk.crash(Crash.losingUnsynced()));
      for (int seed = 0; seed < seeds; seed++) {
        crashes.add(disk.crash(Crash.random(seed)));
      }
      return crashes;
    }
  }

  Moments(SimulatedDisk disk) {
    this.disk = disk;
  }

  SimulatedDisk disk() {
    return disk;
  }

  /// {@return the disk, watched}
  Storage storage() {
    return new WatchedStorage(disk, this::note);
  }

  private synchronized void note() {
    if (!ended) {
      List<String> operations = disk.operations();
      all.add(new Moment(operations.getLast(), disk.crash(Crash.keepingAll()), acknowledged));
    }
  }

  /// Notes that an append returned.
  synchronized void acknowledged(long lsn) {
    acknowledged = lsn;
  }

  /// Notes no more.
  synchronized void end() {
    ended = true;
  }

  synchronized List<Moment> all() {
    return List.copyOf(all);
  }
}
