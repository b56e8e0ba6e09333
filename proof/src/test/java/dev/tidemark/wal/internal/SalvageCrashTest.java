package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Stops a salvage after each call that changed the storage, by a kill or a power cut, and salvages
/// again; and stops that one in the same way.
@Timeout(300)
class SalvageCrashTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String THIRD = SegmentHeader.fileName(3);
  private static final int SEEDS = 3;

  private interface Harm {
    void to(Remains log) throws IOException;
  }

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
  void salvageThatCrashedAtAnyStepIsDoneAgain() throws IOException {
    for (WalOptions policy : List.of(SalvageTest.SKIP, SalvageTest.STOP)) {
      for (Map.Entry<String, Harm> harm : harms().entrySet()) {
        Remains log = SalvageTest.threeSegments();
        harm.getValue().to(log);
        String what = policy.onCorruption() + ", " + harm.getKey();
        explore(what, log.storage.crash(Crash.losingUnsynced()), policy);
      }
    }
    System.out.printf(
        "salvage crash explorer: %d states salvaged again, %d refused without a policy%n",
        states, refused);
    assertThat(refused).isPositive();
  }

  private void explore(String what, SimulatedDisk damaged, WalOptions policy) throws IOException {
    List<SimulatedDisk> moments = new ArrayList<>();
    Shown expected = open(damaged.crash(Crash.keepingAll()), policy, moments);
    assertThat(moments).as(what).isNotEmpty();
    for (int i = 0; i < moments.size(); i++) {
      List<SimulatedDisk> crashes = crashes(moments.get(i));
      for (SimulatedDisk left : crashes) {
        boolean andCrash = left == crashes.getFirst() || left == crashes.getLast();
        String place = what + ", step " + i;
        SimulatedDisk copy = left.crash(Crash.keepingAll());
        withoutPolicy(place, copy, expected);
        nothingWent(place + ", without a policy", damaged, copy);
        List<SimulatedDisk> within = new ArrayList<>();
        Shown again = open(left, policy, within);
        assertThat(again).as(place).isEqualTo(expected);
        nothingWent(place, damaged, left);
        states++;
        for (int j = 0; andCrash && j < within.size(); j++) {
          SimulatedDisk twice = within.get(j).crash(Crash.losingUnsynced());
          assertThat(open(twice, policy, new ArrayList<>()))
              .as(place + ", then at its step " + j)
              .isEqualTo(expected);
          states++;
        }
      }
    }
  }

  // A salvage removes no segment, whatever it is called afterwards.
  private static void nothingWent(String place, SimulatedDisk damaged, SimulatedDisk left)
      throws IOException {
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
    for (int seed = 0; seed < SEEDS; seed++) {
      left.add(at.crash(Crash.random(seed)));
    }
    return left;
  }

  /// What a log shows.
  private record Shown(List<String> records, List<String> lost) {}

  // A salvage that did not end is refused, or was as good as done.
  private void withoutPolicy(String place, SimulatedDisk left, Shown expected) throws IOException {
    try (Wal wal = Wal.open(left, new FakeHost(5), Logs.SMALL)) {
      assertThat(Logs.read(wal)).as(place).isEqualTo(expected.records);
    } catch (CorruptWalException e) {
      refused++;
    }
  }

  private static Shown open(SimulatedDisk storage, WalOptions policy, List<SimulatedDisk> moments)
      throws IOException {
    List<SimulatedDisk> all = new ArrayList<>();
    Runnable remember =
        () -> {
          synchronized (all) {
            all.add(storage.crash(Crash.keepingAll()));
          }
        };
    Shown shown;
    long next;
    try (Wal wal = Wal.open(new WatchedStorage(storage, remember), new FakeHost(2), policy)) {
      synchronized (all) {
        moments.addAll(all);
      }
      shown = shown(wal);
      next = wal.appendDurable(Logs.record(0));
      assertThat(next).isGreaterThan(lastLsn(shown));
    }
    try (Wal wal = Wal.open(storage, new FakeHost(3), Logs.SMALL)) {
      List<String> records = new ArrayList<>(shown.records);
      records.add(next + ":record 0");
      assertThat(Logs.read(wal)).isEqualTo(records);
    }
    return shown;
  }

  private static Shown shown(Wal wal) throws IOException {
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
