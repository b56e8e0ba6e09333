package dev.tidemark.wal.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Kills a log at a moment or cuts its power, and recovers; stops each kind of recovery in the same
/// way. What a reader is shown of each state is held against what the recovery makes of it. Used by
/// one thread.
final class CrashRecoverer {
  private static final int SEEDS = 20;
  private static final int SEEDS_IN_RECOVERY = 3;
  private static final byte[] AFTERWARDS = "afterwards".getBytes(UTF_8);

  /// A moment at which the machine may stop.
  ///
  /// @param storage as it is, with what is not synced
  record Moment(int number, SimulatedDisk storage, Sent.Known known) {}

  private interface Attempt {
    void make(SimulatedHost host) throws Exception;
  }

  private final WalOptions options;
  private final long seed;
  private final Sent sent;
  private final Set<Long> seen = new HashSet<>();
  private int states;
  private int statesInRecovery;

  /// @param seed of everything that is drawn
  /// @param sent the books of the log
  CrashRecoverer(WalOptions options, long seed, Sent sent) {
    this.options = options;
    this.seed = seed;
    this.sent = sent;
  }

  /// {@return how many states were recovered}
  int states() {
    return states;
  }

  /// {@return how many more were recovered from that a crash left in a recovery}
  int statesInRecovery() {
    return statesInRecovery;
  }

  /// Recovers from all that is tried of a moment.
  void recoverAll(Moment moment) throws Exception {
    kill(moment);
    cutPower(moment);
  }

  private void kill(Moment moment) throws Exception {
    Sent.Known known = moment.known().afterAKill();
    recover(moment, "kill", moment.storage().crash(Crash.keepingAll()), known, true);
  }

  private void cutPower(Moment moment) throws Exception {
    recover(moment, "cut", moment.storage().crash(Crash.losingUnsynced()), moment.known(), true);
    for (int i = 0; i < SEEDS; i++) {
      Crash crash = Crash.random(seed + i);
      SimulatedDisk left = moment.storage().crash(crash);
      recover(moment, crash.toString(), left, moment.known(), i < SEEDS_IN_RECOVERY);
    }
  }

  private void recover(
      Moment moment, String crash, SimulatedDisk left, Sent.Known known, boolean andCrash)
      throws Exception {
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
    } catch (Exception | AssertionError e) {
      throw new AssertionError(place + ": " + left.list(), e);
    }
  }

  // What a kill left unsynced, a power cut may still take, as long as the recovery has not ended.
  private void crashInRecovery(SimulatedDisk at, Sent.Known killed, Sent.Known cut)
      throws Exception {
    if (at.pending().isEmpty()) { // a kill leaves just what a power cut does
      recoverUnseen(at.crash(Crash.keepingAll()), killed);
    } else {
      recoverOnce(at.crash(Crash.keepingAll()), killed);
    }
    recoverUnseen(at.crash(Crash.losingUnsynced()), cut);
    for (int i = 0; i < SEEDS_IN_RECOVERY; i++) {
      recoverUnseen(at.crash(Crash.random(seed + i)), cut);
    }
  }

  private void recoverUnseen(SimulatedDisk left, Sent.Known known) throws Exception {
    if (seen.add(fingerprint(left, known))) {
      recoverOnce(left, known);
    }
  }

  private void recoverOnce(SimulatedDisk left, Sent.Known known) throws Exception {
    statesInRecovery++;
    Shown shown = Shown.by(left);
    on(
        3,
        host -> {
          try (Wal wal = open(host, left, new TurningStorage(left, host))) {
            sent.check(wal, known);
            shown.checkKept(left, wal);
          }
        });
  }

  // Recovers, appends, and cuts the power: what was shown is still there, and so is the new record.
  // Answers the steps of the recovery.
  private List<SimulatedDisk> recoverAndGoOn(SimulatedDisk left, Sent.Known known)
      throws Exception {
    List<SimulatedDisk> steps = new ArrayList<>();
    List<SimulatedDisk> later = new ArrayList<>();
    long[] ends = new long[2]; // the last LSN that was found, and the next
    boolean limited = left.isLimited();
    Shown shown = Shown.by(left);
    on(
        2,
        host -> {
          List<SimulatedDisk> within = new ArrayList<>();
          Runnable remember = () -> within.add(left.crash(Crash.keepingAll()));
          Storage watched = new TurningStorage(new WatchedStorage(left, remember), host);
          try (Wal wal = open(host, left, watched)) {
            steps.addAll(within);
            ends[0] = sent.check(wal, known);
            shown.checkKept(left, wal);
            later.add(left.crash(Crash.losingUnsynced()));
            ends[1] = appendAfterwards(wal, limited);
            later.add(left.crash(Crash.losingUnsynced()));
          }
        });
    assertThat(left.openFiles()).as("files left open").isZero();
    if (ends[1] > 0) {
      assertThat(ends[1]).isGreaterThan(ends[0]);
      recoverLater(later, known, ends);
    }
    return steps;
  }

  private void recoverLater(List<SimulatedDisk> later, Sent.Known known, long[] ends)
      throws Exception {
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(later.getFirst(), host, options)) {
            assertThat(sent.check(wal, known.atLeast(ends[0]))).isEqualTo(ends[0]);
          }
        });
    on(
        3,
        host -> {
          try (Wal wal = Wal.open(later.getLast(), host, options);
              Cursor cursor = wal.read(ends[0] + 1)) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.lsn()).isEqualTo(ends[1]);
            assertThat(cursor.bytes()).isEqualTo(AFTERWARDS);
            assertThat(cursor.next()).isFalse();
          }
        });
  }

  // Nonces differ from those of the run: its seed is a small one, these are not.
  private void on(long number, Attempt attempt) throws Exception {
    SimulatedHost host = new SimulatedHost(~(seed * 31 + number));
    host.run(
        () -> {
          attempt.make(host);
          return null;
        });
  }

  // A torn end is never appended to: without space for another segment such a log is refused until
  // there is some.
  private Wal open(SimulatedHost host, SimulatedDisk disk, Storage seen) throws IOException {
    try {
      return Wal.open(seen, host, options);
    } catch (WalFullException e) {
      assertThat(disk.isLimited()).isTrue();
      disk.capacity(Long.MAX_VALUE);
      Wal wal = Wal.open(seen, host, options);
      assertThat(wal.recovery().cutBytes()).as("refused: %s", e.getMessage()).isPositive();
      return wal;
    }
  }

  // Answers 0 if the disk has no room even for a control record.
  private static long appendAfterwards(Wal wal, boolean limited) throws IOException {
    try {
      return limited ? wal.appendControl(AFTERWARDS) : wal.appendDurable(AFTERWARDS);
    } catch (WalFullException e) {
      assertThat(limited).isTrue();
      return 0;
    }
  }

  // After a power cut nothing is unsynced: equal disks are equal states.
  private static long fingerprint(SimulatedDisk disk, Sent.Known known) {
    return disk.durableHash() * 31 + known.hashCode();
  }
}
