package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 16: the file of the next segment is there, and its header is not, or not yet whole.
@Timeout(60)
class CrashBeforeHeaderTest {
  private static final int HEADER = 256;

  private static Remains tenInOneSegment() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          Logs.awaitSpares(wal);
        });
  }

  @Test
  void nextFileOfAnyLengthWithoutAHeaderIsNoErrorAndHoldsNothing() throws IOException {
    Remains log = tenInOneSegment();
    for (int bytes : new int[] {0, 1, 63, 255, 256, 257, 511, 512, 1023, 4095, 4096, 4097, 9000}) {
      SimulatedDisk left = Scene.killed(log.storage);
      left.replace(Remains.segment(2), new byte[bytes]);
      assertThat(Follow.readUnproven(left)).hasSize(10);
      Scene.holdsAndGoesOn(left, Logs.expected(1, 10));
    }
  }

  @Test
  void headerTornAtAnyByteInEitherCopyIsASpareOrIsAdopted() throws IOException {
    Remains log = tenInOneSegment();
    byte[] spare = log.storage.bytes(Remains.segment(2));
    byte[] manifest = log.storage.bytes("manifest");
    Remains later = log.work(Logs.SMALL, wal -> {}); // recovery activated the second segment
    byte[] active = later.storage.bytes(Remains.segment(2));
    assertThat(active).isNotEqualTo(spare);
    for (int cut = 0; cut <= 2 * HEADER; cut++) {
      SimulatedDisk left = Scene.killed(later.storage);
      left.replace("manifest", manifest); // does not name it yet
      byte[] torn = spare.clone();
      System.arraycopy(active, 0, torn, 0, Math.min(cut, HEADER));
      int second = Math.max(0, cut - HEADER);
      System.arraycopy(active, 4096 - HEADER, torn, 4096 - HEADER, second);
      left.replace(Remains.segment(2), torn);
      Scene.holdsAndGoesOn(left, Logs.expected(1, 10));
    }
  }

  @Test
  void logWhoseFirstSegmentNeverGotAHeaderIsEmptyAndStarts() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Moments moments = new Moments(disk);
    try (Wal wal =
        Wal.open(moments.storage(), new dev.tidemark.testkit.host.FakeHost(1), Logs.SMALL)) {
      moments.end();
      Logs.awaitSpares(wal);
    }
    for (Moments.Moment moment : moments.all()) {
      for (SimulatedDisk left : moment.crashes(5)) {
        try (Wal wal = Scene.open(left)) {
          assertThat(wal.append(Logs.record(1))).as(moment.operation()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void garbageInPlaceOfAHeaderThatWasNeverActivatedIsWipedBeforeTheFileIsUsed() throws IOException {
    Remains log = tenInOneSegment();
    byte[] garbage = new byte[4096];
    Arrays.fill(garbage, (byte) 0x5a);
    log.storage.replace(Remains.segment(2), garbage);
    log.storage.replace(Remains.segment(3), garbage);
    try (Wal wal = log.open()) {
      Logs.append(wal, 11, 200); // through both of them
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 200));
      Scene.holdsAndGoesOn(Scene.powerCut(log.storage), Logs.expected(1, 200));
    }
  }
}
