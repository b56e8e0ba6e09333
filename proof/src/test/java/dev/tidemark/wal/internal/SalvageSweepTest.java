package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Flipped bits, cuts and missing files all over a log of three segments, one at a time and several
/// together, under `SKIP` and `STOP`: every record delivered was appended, in order, at most once;
/// every promised record that is missing lies in a reported hole; and the log then opens without a
/// policy and shows the same.
@Timeout(300)
class SalvageSweepTest {
  private static final int LAST = 30;
  private static final int PROMISED = 29; // the last frame of thirty says so
  private static final int HARMS = 600;
  private static final WalOptions VERIFIED =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();

  private int opened;
  private int refused;
  private long kept;

  private void judge(SimulatedDisk damaged, WalOptions policy, String what) {
    try {
      List<String> shown;
      List<Hole> holes;
      long next;
      try (Wal wal = new Remains(damaged).open(policy)) {
        shown = Logs.read(wal);
        holes = wal.holes();
        checkRecords(shown, what);
        long promised = Math.min(PROMISED, wal.recovery().promisedLsn());
        // Without its manifest nobody knows whether the log began before its oldest segment.
        long first = wal.recovery().manifestRebuilt() ? wal.firstLsn() : 1;
        checkHoles(shown, holes, first, promised, what);
        next = wal.append(Logs.record(0));
        assertThat(next).as(what).isGreaterThan(Math.max(promised, lastLsn(shown)));
      }
      try (Wal wal = new Remains(damaged).open(VERIFIED)) {
        shown.add(next + ":record 0");
        assertThat(Logs.read(wal)).as(what).isEqualTo(shown);
        assertThat(wal.holes()).as(what).isEqualTo(holes);
      }
      opened++;
      kept += shown.size() - 1;
    } catch (CorruptWalException e) {
      assertThat(e.file()).as(what).isNotEmpty();
      refused++;
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(what, e);
    }
  }

  private static void checkRecords(List<String> shown, String what) {
    long last = 0;
    for (String record : shown) {
      long lsn = lsnOf(record);
      assertThat(record).as(what).isEqualTo(lsn + ":record " + lsn);
      assertThat(lsn).as(what).isGreaterThan(last).isLessThanOrEqualTo(LAST);
      last = lsn;
    }
  }

  private static void checkHoles(
      List<String> shown, List<Hole> holes, long first, long promised, String what) {
    for (long lsn = first; lsn <= promised; lsn++) {
      long wanted = lsn;
      boolean there = shown.contains(lsn + ":record " + lsn);
      boolean lost =
          holes.stream().anyMatch(hole -> hole.fromLsn() <= wanted && hole.toLsn() >= wanted);
      assertThat(there || lost)
          .as("%s: LSN %s is neither there nor in %s", what, lsn, holes)
          .isTrue();
      assertThat(there && lost).as("%s: LSN %s is there and in %s", what, lsn, holes).isFalse();
    }
  }

  private static long lsnOf(String record) {
    return Long.parseLong(record.substring(0, record.indexOf(':')));
  }

  private static long lastLsn(List<String> shown) {
    return shown.isEmpty() ? 0 : lsnOf(shown.getLast());
  }

  private static List<WalOptions> policies() {
    return List.of(SalvageTest.SKIP, SalvageTest.STOP);
  }

  private void report(String what) {
    System.out.printf(
        "%s: %d opened, %d refused, %.1f records kept on average%n",
        what, opened, refused, kept / (double) Math.max(1, opened));
  }

  @Test
  void aFlippedBitAnywhereInTheSegments() throws IOException {
    Remains log = SalvageTest.threeSegments();
    SplittableRandom random = new SplittableRandom(seed());
    for (long number = 1; number <= 3; number++) {
      String name = SegmentHeader.fileName(number);
      for (long at = random.nextInt(3); at < 4096; at += 1 + random.nextInt(9)) {
        int bit = random.nextInt(8);
        for (WalOptions policy : policies()) {
          SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
          damaged.flip(name, at, bit);
          judge(damaged, policy, policy.onCorruption() + " " + name + " bit " + bit + " of " + at);
        }
      }
    }
    report("salvage, flipped bits");
    assertThat(refused).isZero();
  }

  @Test
  void everySegmentCutAtManyLengths() throws IOException {
    Remains log = SalvageTest.threeSegments();
    SplittableRandom random = new SplittableRandom(seed());
    for (long number = 1; number <= 3; number++) {
      String name = SegmentHeader.fileName(number);
      for (int size = 0; size < 4096; size += 1 + random.nextInt(20)) {
        for (WalOptions policy : policies()) {
          SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
          damaged.truncate(name, size);
          judge(damaged, policy, policy.onCorruption() + " " + name + " cut to " + size);
        }
      }
    }
    report("salvage, cut segments");
    assertThat(refused).isZero();
  }

  @Test
  void severalHarmsAtOnce() throws IOException {
    Remains log = SalvageTest.threeSegments();
    long seed = seed();
    for (int i = 0; i < HARMS; i++) {
      for (WalOptions policy : policies()) {
        SplittableRandom random = new SplittableRandom(seed + i);
        SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
        List<String> harms = new ArrayList<>();
        for (int n = 2 + random.nextInt(4); n > 0; n--) {
          harms.add(harm(damaged, random));
        }
        judge(damaged, policy, "seed " + (seed + i) + ", " + policy.onCorruption() + " " + harms);
      }
    }
    report("salvage, several harms");
    assertThat(opened).isGreaterThan(refused);
  }

  private static String harm(SimulatedDisk disk, SplittableRandom random) throws IOException {
    String name = SegmentHeader.fileName(1 + random.nextInt(3));
    boolean manifest = random.nextInt(5) == 0;
    if (manifest) {
      name = Manifest.FILE;
    }
    if (!disk.list().contains(name)) {
      return name + " is gone";
    }
    int size = disk.bytes(name).length;
    int kind = random.nextInt(6);
    if (kind == 0) {
      disk.delete(name);
      disk.syncDirectory();
      return "delete " + name;
    }
    if (kind == 1) {
      int to = random.nextInt(size + 1);
      disk.truncate(name, to);
      return "cut " + name + " to " + to;
    }
    if (kind == 2) {
      byte[] bytes = disk.bytes(name);
      int from = random.nextInt(size + 1);
      int to = Math.min(size, from + random.nextInt(600));
      Arrays.fill(bytes, from, to, (byte) random.nextInt(2));
      disk.replace(name, bytes);
      return "overwrite " + name + " " + from + " to " + to;
    }
    return flip(disk, name, random);
  }

  // Where something is, more often than in the zeros behind it; a header in both its copies.
  private static String flip(SimulatedDisk disk, String name, SplittableRandom random) {
    boolean manifest = name.equals(Manifest.FILE);
    int size = disk.bytes(name).length;
    int at = random.nextInt(random.nextBoolean() ? 256 : 1600);
    at = manifest && random.nextBoolean() ? 4096 + at % 256 : at;
    if (at >= size) {
      return "nothing";
    }
    disk.flip(name, at, random.nextInt(8));
    if (!manifest && at < 256 && size == 4096) {
      disk.flip(name, size - 256 + at, random.nextInt(8));
    }
    return "flip " + name + " " + at;
  }

  private static long seed() {
    long seed = Long.getLong("sweep.seed", System.nanoTime());
    System.out.println("salvage sweep, seed " + seed);
    return seed;
  }
}
