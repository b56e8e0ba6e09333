package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Stops a log after each call that changed its storage, kills it there or cuts the power, and
/// recovers; and stops each kind of recovery in the same way. What a reader is shown of each state
/// is held against what the recovery makes of it.
final class CrashExplorer {
  private static final int SEEDS = 20;
  private static final int SEEDS_IN_RECOVERY = 3;
  private static final byte[] AFTERWARDS =
      "afterwards".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  /// A moment at which the machine may stop.
  ///
  /// @param storage as it is, with what is not synced
  private record Moment(int number, SimulatedDisk storage, Sent.Known known) {}

  /// What is done with a log, from opening it to closing it.
  interface Work {
    void on(Wal wal, FakeHost host, Sent sent) throws Exception;
  }

  private final Sent sent = new Sent();
  private final Set<Integer> seen = new HashSet<>();
  private final WalOptions options;
  private final List<Work> works;
  private final SimulatedDisk storage = new SimulatedDisk();
  private int states;
  private int statesInRecovery;

  /// @param works one after the other, each with the log opened for it
  CrashExplorer(WalOptions options, Work... works) {
    this.options = options;
    this.works = List.of(works);
  }

  /// Lets no page cache be passed.
  CrashExplorer cacheStays() {
    storage.cacheStays();
    return this;
  }

  /// Lets the disk be full with so many bytes.
  CrashExplorer onDiskOf(long bytes) {
    storage.capacity(bytes);
    return this;
  }

  /// Explores, and prints how much there was to see.
  ///
  /// @param what how the line names it
  void explore(String what) throws Exception {
    List<Moment> moments = run();
    for (Moment moment : moments) {
      kill(moment);
      cutPower(moment);
    }
    System.out.printf(
        "crash explorer, %s: %d moments, %d states recovered, %d more crashed in recovery%n",
        what, moments.size(), states, statesInRecovery);
    assertThat(states).isGreaterThan(moments.size());
    assertThat(statesInRecovery).isGreaterThan(states);
  }

  // ---- what is done

  private List<Moment> run() throws Exception {
    List<Moment> moments = new ArrayList<>();
    Runnable stop =
        () -> {
          synchronized (moments) {
            Sent.Known before = sent.known(); // nothing is acknowledged later than it is stored
            SimulatedDisk copy = storage.crash(Crash.keepingAll());
            moments.add(new Moment(moments.size(), copy, before.upTo(sent.known())));
          }
        };
    WatchedStorage watched = new WatchedStorage(storage, stop);
    FakeHost host = new FakeHost(1);
    for (Work work : works) {
      try (Wal wal = Wal.open(watched, host, options)) {
        work.on(wal, host, sent);
      }
    }
    return moments;
  }

  // ---- what may happen

  private void kill(Moment moment) throws IOException {
    Sent.Known known = moment.known().afterAKill();
    recover(moment, "kill", moment.storage().crash(Crash.keepingAll()), known, true);
  }

  private void cutPower(Moment moment) throws IOException {
    recover(moment, "cut", moment.storage().crash(Crash.losingUnsynced()), moment.known(), true);
    for (int seed = 0; seed < SEEDS; seed++) {
      SimulatedDisk left = moment.storage().crash(Crash.random(seed));
      recover(moment, "cut, seed " + seed, left, moment.known(), seed < SEEDS_IN_RECOVERY);
    }
  }

  private void recover(
      Moment moment, String crash, SimulatedDisk left, Sent.Known known, boolean andCrash)
      throws IOException {
    if (!crash.equals("kill") && !seen.add(fingerprint(left, known))) {
      return;
    }
    states++;
    String place = "moment " + moment.number() + ", " + crash;
    try {
      List<SimulatedDisk> within = recoverAndGoOn(left, known);
      if (andCrash) {
        for (int i = 0; i < within.size(); i++) {
          place = "moment " + moment.number() + ", " + crash + ", then at its step " + i;
          crashInRecovery(within.get(i), known, moment.known());
        }
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(place + ": " + left.list(), e);
    }
  }

  // What a kill left unsynced, a power cut may still take, as long as the recovery has not ended.
  private void crashInRecovery(SimulatedDisk at, Sent.Known killed, Sent.Known cut)
      throws IOException {
    recoverOnce(at.crash(Crash.keepingAll()), killed);
    recoverUnseen(at.crash(Crash.losingUnsynced()), cut);
    for (int seed = 0; seed < SEEDS_IN_RECOVERY; seed++) {
      recoverUnseen(at.crash(Crash.random(seed)), cut);
    }
  }

  private void recoverUnseen(SimulatedDisk left, Sent.Known known) throws IOException {
    if (seen.add(fingerprint(left, known))) {
      recoverOnce(left, known);
    }
  }

  private void recoverOnce(SimulatedDisk left, Sent.Known known) throws IOException {
    statesInRecovery++;
    Shown shown = Shown.by(left);
    try (Wal wal = open(left, left, 3)) {
      sent.check(wal, known);
      shown.checkKept(left, wal);
    }
  }

  // Recovers, appends, and cuts the power: what was shown is still there, and so is the new record.
  // Answers the steps of the recovery.
  private List<SimulatedDisk> recoverAndGoOn(SimulatedDisk left, Sent.Known known)
      throws IOException {
    List<SimulatedDisk> within = new ArrayList<>();
    List<SimulatedDisk> steps;
    Runnable remember =
        () -> {
          synchronized (within) {
            within.add(left.crash(Crash.keepingAll()));
          }
        };
    long last;
    long next;
    SimulatedDisk later;
    SimulatedDisk muchLater;
    Shown shown = Shown.by(left);
    try (Wal wal = open(left, new WatchedStorage(left, remember), 2)) {
      synchronized (within) {
        steps = List.copyOf(within);
      }
      last = sent.check(wal, known);
      shown.checkKept(left, wal);
      later = left.crash(Crash.losingUnsynced());
      next = appendAfterwards(wal);
      muchLater = left.crash(Crash.losingUnsynced());
    }
    if (next == 0) {
      return steps;
    }
    assertThat(next).isGreaterThan(last);
    try (Wal wal = Wal.open(later, new FakeHost(3), options)) {
      assertThat(sent.check(wal, known.atLeast(last))).isEqualTo(last);
    }
    try (Wal wal = Wal.open(muchLater, new FakeHost(3), options);
        Cursor cursor = wal.read(last + 1)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.lsn()).isEqualTo(next);
      assertThat(cursor.bytes()).isEqualTo(AFTERWARDS);
      assertThat(cursor.next()).isFalse();
    }
    return steps;
  }

  // A torn end is never appended to: without space for another segment such a log is refused until
  // there is some.
  private Wal open(SimulatedDisk disk, Storage seen, long seed) throws IOException {
    try {
      return Wal.open(seen, new FakeHost(seed), options);
    } catch (WalFullException e) {
      assertThat(disk.isLimited()).isTrue();
      disk.capacity(Long.MAX_VALUE);
      Wal wal = Wal.open(seen, new FakeHost(seed), options);
      assertThat(wal.recovery().cutBytes()).as("refused: %s", e.getMessage()).isPositive();
      return wal;
    }
  }

  // Answers 0 if the disk has no room even for a control record.
  private long appendAfterwards(Wal wal) throws IOException {
    try {
      return storage.isLimited() ? wal.appendControl(AFTERWARDS) : wal.appendDurable(AFTERWARDS);
    } catch (WalFullException e) {
      assertThat(storage.isLimited()).isTrue();
      return 0;
    }
  }

  // After a power cut nothing is unsynced: equal bytes are equal states.
  private static int fingerprint(SimulatedDisk storage, Sent.Known known) {
    int hash = known.hashCode();
    for (String name : storage.fileNames()) {
      hash = (hash * 31 + name.hashCode()) * 31 + Arrays.hashCode(storage.bytes(name));
    }
    return hash;
  }
}
