package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Stops a salvage after each call that changed the storage, by a kill or a power cut, and salvages
/// again; and stops that one in the same way. Each salvage runs on a simulated host with a seed of
/// its own, the first another one in each run, which is printed; `-Dcrash.explorer.seed=` sets it.
@Timeout(300)
class SalvageCrashTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String THIRD = SegmentHeader.fileName(3);
  private static final int SEEDS = 8;

  private interface Harm {
    void to(Remains log) throws IOException;
  }

  private static final long SEED =
      Long.getLong("crash.explorer.seed", ThreadLocalRandom.current().nextInt(1_000_000));

  private long machines = SEED;
  private int states;
  private int refused;

  private static Map<String, Harm> harms() {
    Map<String, Harm> harms = new LinkedHashMap<>();
    harms.put("payload", log -> log.spoilPayload(SECOND, log.frames(SECOND).get(4)));
    harms.put("gap in the newest", log -> log.zero(THIRD, log.frames(THIRD).get(4)));
    harms.put("missing segment", log -> log.remove(SECOND));
    harms.put("missing first segment", log -> log.remove(FIRST));
    harms.put("missing newest segment", log -> log.remove(THIRD));
    harms.put("headers", log -> spoilHeaders(log, SECOND));
    harms.put("headers of the newest", log -> spoilHeaders(log, THIRD));
    harms.put("older copy", log -> HeaderVerdictTest.forgeHeader(log, SECOND, 40, 99));
    harms.put(
        "junk",
        log -> {
          byte[] junk = new byte[4096];
          Arrays.fill(junk, (byte) 7);
          log.storage.replace(SECOND, junk);
        });
    harms.put("cut short", log -> log.storage.truncate(THIRD, log.frames(THIRD).get(4).offset()));
    harms.put("manifest", SalvageCrashTest::spoilManifest);
    harms.put(
        "manifest, headers and a payload",
        log -> {
          log.spoilPayload(FIRST, log.frames(FIRST).get(4));
          spoilHeaders(log, SECOND);
          spoilManifest(log);
        });
    return harms;
  }

  private static void spoilHeaders(Remains log, String name) {
    log.storage.flip(name, 70, 1);
    log.storage.flip(name, 4096 - SegmentHeader.BYTES + 70, 1);
  }

  private static void spoilManifest(Remains log) {
    log.storage.flip(Manifest.FILE, 50, 0);
    log.storage.flip(Manifest.FILE, Manifest.SECOND_SLOT_AT + 50, 0);
  }

  @Test
  void salvageThatCrashedAtAnyStepIsDoneAgain() throws Exception {
    System.out.println("salvage crash explorer, seed " + SEED);
    for (WalOptions policy : List.of(SalvageTest.SKIP, SalvageTest.STOP)) {
      for (Map.Entry<String, Harm> harm : harms().entrySet()) {
        Remains log = SalvageTest.threeSegments();
        harm.getValue().to(log);
        String what = policy.onCorruption() + ", " + harm.getKey();
        explore(what, log.storage.crash(Crash.losingUnsynced()), policy);
      }
    }
    System.out.printf(
        "salvage crash explorer: %,d states salvaged again, %,d refused without a policy%n",
        states, refused);
    assertThat(refused).isPositive();
  }

  private void explore(String what, SimulatedDisk damaged, WalOptions policy) throws Exception {
    List<SimulatedDisk> moments = new ArrayList<>();
    Shown expected = open(damaged.crash(Crash.keepingAll()), policy, moments);
    assertThat(moments).as(what).isNotEmpty();
    Set<Long> salvaged = new HashSet<>();
    Set<Long> crashed = new HashSet<>();
    for (int i = 0; i < moments.size(); i++) {
      List<SimulatedDisk> crashes = crashes(moments.get(i));
      for (SimulatedDisk left : crashes) {
        String place = what + ", step " + i;
        boolean andCrash =
            (left == crashes.getFirst() || left == crashes.getLast()) && isNew(left, crashed);
        boolean isNew = isNew(left, salvaged);
        if (isNew || andCrash) {
          List<SimulatedDisk> within = salvageAgain(place, damaged, left, policy, expected);
          for (int j = 0; andCrash && j < within.size(); j++) {
            SimulatedDisk twice = within.get(j).crash(Crash.losingUnsynced());
            if (isNew(twice, salvaged)) {
              String then = place + ", then at its step " + j;
              salvageAgain(then, damaged, twice, policy, expected);
            }
          }
        }
      }
    }
  }

  // Where nothing is unsynced, equal disks are equal states.
  private static boolean isNew(SimulatedDisk disk, Set<Long> seen) {
    return !disk.pending().isEmpty() || seen.add(disk.durableHash());
  }

  // Answers the steps it took.
  private List<SimulatedDisk> salvageAgain(
      String place, SimulatedDisk damaged, SimulatedDisk left, WalOptions policy, Shown expected)
      throws Exception {
    states++;
    SimulatedDisk copy = left.crash(Crash.keepingAll());
    withoutPolicy(place, copy, expected);
    nothingWent(place + ", without a policy", damaged, copy);
    List<SimulatedDisk> within = new ArrayList<>();
    assertThat(open(left, policy, within)).as(place).isEqualTo(expected);
    nothingWent(place, damaged, left);
    return within;
  }

  // A salvage removes no segment, whatever it is called afterwards.
  private static void nothingWent(String place, SimulatedDisk damaged, SimulatedDisk left)
      throws Exception {
    for (String name : List.of(FIRST, SECOND, THIRD)) {
      if (damaged.list().contains(name)) {
        assertThat(left.list())
            .as(place)
            .anyMatch(file -> file.startsWith(name.substring(0, name.indexOf('.'))));
      }
    }
  }

  private static List<SimulatedDisk> crashes(SimulatedDisk at) {
    List<SimulatedDisk> left = new ArrayList<>();
    left.add(at.crash(Crash.keepingAll()));
    left.add(at.crash(Crash.losingUnsynced()));
    for (int i = 0; i < SEEDS; i++) {
      left.add(at.crash(Crash.random(SEED + i)));
    }
    return left;
  }

  /// What a log shows.
  private record Shown(List<String> records, List<String> lost) {}

  // A salvage that did not end is refused, or was as good as done.
  private void withoutPolicy(String place, SimulatedDisk left, Shown expected) throws Exception {
    SimulatedHost host = new SimulatedHost(++machines);
    refused +=
        host.run(
            () -> {
              try (Wal wal = Wal.open(new TurningStorage(left, host), host, Logs.SMALL)) {
                assertThat(Logs.read(wal)).as(place).isEqualTo(expected.records);
                return 0;
              } catch (CorruptWalException e) {
                return 1;
              }
            });
  }

  private Shown open(SimulatedDisk storage, WalOptions policy, List<SimulatedDisk> moments)
      throws Exception {
    SimulatedHost first = new SimulatedHost(++machines);
    List<String> records = new ArrayList<>();
    Shown shown = first.run(() -> salvage(storage, first, policy, moments, records));
    SimulatedHost second = new SimulatedHost(++machines);
    second.run(
        () -> {
          try (Wal wal = Wal.open(new TurningStorage(storage, second), second, Logs.SMALL)) {
            assertThat(Logs.read(wal)).isEqualTo(records);
          }
          return shown;
        });
    assertThat(storage.openFiles()).as("files left open").isZero();
    return shown;
  }

  // Salvages, and appends.
  private static Shown salvage(
      SimulatedDisk storage,
      SimulatedHost host,
      WalOptions policy,
      List<SimulatedDisk> moments,
      List<String> records)
      throws Exception {
    List<SimulatedDisk> all = new ArrayList<>();
    Runnable remember = () -> all.add(storage.crash(Crash.keepingAll()));
    Storage watched = new TurningStorage(new WatchedStorage(storage, remember), host);
    try (Wal wal = Wal.open(watched, host, policy)) {
      Shown shown = shown(wal);
      moments.addAll(all);
      long next = wal.appendDurable(Logs.record(0));
      assertThat(next).isGreaterThan(lastLsn(shown));
      records.addAll(shown.records);
      records.add(next + ":record 0");
      return shown;
    }
  }

  private static Shown shown(Wal wal) throws Exception {
    List<String> lost = new ArrayList<>();
    for (Hole hole : wal.holes()) {
      if (hole.reason() != Hole.Reason.CUT) { // the same LSNs may be cut for another reason
        lost.add(hole.fromLsn() + " to " + hole.toLsn());
      }
    }
    return new Shown(Logs.read(wal), lost);
  }

  private static long lastLsn(Shown shown) {
    return shown.records.isEmpty() ? 0 : Long.parseLong(shown.records.getLast().split(":", 2)[0]);
  }
}
