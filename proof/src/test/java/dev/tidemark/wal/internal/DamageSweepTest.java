package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every length of the files of a small log, and flipped bits in all their bytes that mean
/// something: each is either harmless, reported as an unvouched tail, or refused, and never is a
/// record wrong.
@Timeout(120)
class DamageSweepTest {
  private static final int PROMISED = 29; // the last frame of thirty says so
  private int opened;
  private int refused;

  private static Remains threeSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
          wal.rotate();
          Logs.append(wal, 21, 30);
        });
  }

  // Only typed answers: what opens shows all that was promised, and nothing that was not sent.
  private void judge(SimulatedDisk damaged, String what) {
    boolean isAccepted = CheckTest.isAccepted(damaged);
    long openedBefore = opened;
    open(damaged, what);
    assertThat(isAccepted).as(what + ", looked at before").isEqualTo(opened > openedBefore);
  }

  private void open(SimulatedDisk damaged, String what) {
    try (Wal wal = new Remains(damaged).open()) {
      List<String> records = Logs.read(wal);
      assertThat(records).as(what).isEqualTo(Logs.expected(1, records.size()));
      assertThat(records).as(what).hasSizeBetween(PROMISED, 30);
      assertThat(wal.append(Logs.record(0))).as(what).isGreaterThan(records.size());
      opened++;
    } catch (CorruptWalException e) {
      assertThat(e.file()).as(what).isNotEmpty();
      refused++;
    } catch (IOException | RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private void report(String what) {
    System.out.println(what + ": " + opened + " opened, " + refused + " refused");
    assertThat(opened).isPositive();
    assertThat(refused).isPositive();
  }

  @Test
  void everyLengthOfTheNewestSegment() throws IOException {
    Remains log = threeSegments();
    for (int size = 0; size <= 4096; size++) {
      SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
      damaged.truncate(log.newest(), size);
      judge(damaged, "cut to " + size);
    }
    report("lengths of the newest segment");
  }

  @Test
  void everyLengthOfTheManifest() throws IOException {
    Remains log = threeSegments();
    SplittableRandom random = new SplittableRandom(seed());
    for (int size = 0; size < Manifest.FILE_BYTES; size += 1 + random.nextInt(40)) {
      SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
      damaged.truncate(Manifest.FILE, size);
      judge(damaged, "manifest cut to " + size);
    }
    report("lengths of the manifest");
  }

  @Test
  void aFlippedBitInEveryByteOfTheNewestSegmentsFrames() throws IOException {
    Remains log = threeSegments();
    long end = log.end(log.newest()) + 64;
    SplittableRandom random = new SplittableRandom(seed());
    for (long at = 0; at < end; at++) {
      int bit = random.nextInt(8);
      SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
      damaged.flip(log.newest(), at, bit);
      judge(damaged, "bit " + bit + " of byte " + at);
    }
    report("flipped bits of the newest segment");
  }

  @Test
  void aFlippedBitInEveryByteOfAHeaderWhoseOtherCopyIsGone() throws IOException {
    Remains log = threeSegments();
    for (String name : List.of(log.newest(), SegmentHeader.fileName(2))) {
      Remains half = new Remains(log.storage.crash(Crash.keepingAll()));
      half.put(name, 4096 - SegmentHeader.BYTES, new byte[SegmentHeader.BYTES]);
      for (int at = 0; at < SegmentHeader.BYTES; at++) {
        SimulatedDisk damaged = half.storage.crash(Crash.keepingAll());
        damaged.flip(name, at, at % 8);
        judge(damaged, name + " header byte " + at);
      }
      judge(half.storage, name + " whole");
    }
    report("flipped bits of headers");
  }

  @Test
  void flippedBitsOfTheManifest() throws IOException {
    Remains log = threeSegments();
    for (int bit = 0; bit < Manifest.SLOT_BYTES * 8; bit += 3) {
      for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
        SimulatedDisk damaged = log.storage.crash(Crash.keepingAll());
        damaged.flip(Manifest.FILE, slot + bit / 8, bit % 8);
        judge(damaged, "manifest slot at " + slot + " bit " + bit);
      }
    }
    assertThat(refused).isZero();
  }

  @Test
  void flippedBitsOfAManifestThatNamesCheckpointsAndSubscriptions() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    storage.cacheStays();
    for (int round = 1; round <= 2; round++) { // the first is verified by the second opening
      long lsn = 10L * round;
      try (Wal wal = new Remains(storage).open()) {
        Logs.append(wal, 1 + (int) wal.lastLsn(), (int) lsn);
        wal.subscribe("a").close();
        wal.checkpoint(lsn, target -> target.write((byte) lsn));
      }
    }
    for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      for (int bit = 0; bit < Manifest.SLOT_BYTES * 8; bit += 3) {
        SimulatedDisk damaged = storage.crash(Crash.keepingAll());
        damaged.flip(Manifest.FILE, slot + bit / 8, bit % 8);
        try (Wal wal = new Remains(damaged).open()) {
          long lsn = wal.checkpoint().orElseThrow().lsn();
          assertThat(CheckpointTest.read(wal)).containsExactly((byte) lsn);
          assertThat(wal.firstLsn()).isLessThanOrEqualTo(lsn + 1);
          assertThat(wal.subscriptions()).hasSize(1);
          assertThat(Logs.read(wal, lsn + 1)).isEqualTo(Logs.expected(lsn + 1, 20));
        }
      }
    }
  }

  private static long seed() {
    long seed = System.nanoTime();
    System.out.println("damage sweep, seed " + seed);
    return seed;
  }
}
