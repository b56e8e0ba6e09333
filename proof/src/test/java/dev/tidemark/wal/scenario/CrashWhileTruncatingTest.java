package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.scenario.Moments.Moment;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 18: the machine stops while segments are removed, and any of their files may be left.
@Timeout(60)
class CrashWhileTruncatingTest {
  private static final int SEGMENTS = 6;
  private static final int EACH = 5;

  private static Remains sixSegments() throws IOException {
    return Remains.of(
        wal -> {
          for (int segment = 0; segment < SEGMENTS; segment++) {
            if (segment > 0) {
              wal.rotate();
            }
            Logs.append(wal, segment * EACH + 1, segment * EACH + EACH);
          }
          Logs.awaitSpares(wal);
        });
  }

  @Test
  void anySubsetOfTheRemovedFilesMayStillBeThere() throws IOException {
    Remains whole = sixSegments();
    Map<String, byte[]> before = new HashMap<>();
    whole.storage.list().forEach(name -> before.put(name, whole.storage.bytes(name)));
    Remains truncated = whole.work(Logs.SMALL, wal -> wal.truncateBefore(4 * EACH + 2));
    for (int subset = 0; subset < 1 << 4; subset++) {
      SimulatedDisk left = Scene.killed(truncated.storage);
      for (int segment = 1; segment <= 4; segment++) {
        String name = Remains.segment(segment);
        if (left.list().contains(name)) {
          left.delete(name);
          left.syncDirectory();
        }
        if (((subset >> (segment - 1)) & 1) == 1) {
          left.replace(name, before.get(name));
        }
      }
      assertThat(Follow.readUnproven(left)).hasSize(EACH + 4);
      Scene.holdsAndGoesOn(left, Logs.expected(4 * EACH + 2, 6 * EACH));
      assertThat(left.list()).doesNotContain(Remains.segment(1), Remains.segment(4));
    }
  }

  @Test
  void whatIsMissingAboveTheMarkIsRefused() throws IOException {
    Remains truncated = sixSegments().work(Logs.SMALL, wal -> wal.truncateBefore(2 * EACH + 2));
    for (int segment = 3; segment <= 6; segment++) {
      Remains log = new Remains(Scene.killed(truncated.storage));
      log.remove(Remains.segment(segment));
      assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(segment));
    }
  }

  @Test
  void everyRecordAboveTheMarkIsThereAfterACrashAtAnyStepAlsoWithRecycledFiles()
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Moments moments = new Moments(disk);
    long asked = 1;
    int checked = 0;
    try (Wal wal = Wal.open(moments.storage(), new FakeHost(1), Logs.SMALL)) {
      for (int round = 1; round <= 5; round++) {
        for (int i = 0; i < 8; i++) {
          moments.acknowledged(wal.append(Logs.record(wal.lastLsn() + 1)));
        }
        wal.rotate();
        Logs.awaitSpares(wal);
        asked = wal.lastLsn() - 2;
        wal.truncateBefore(asked);
        Logs.awaitSpares(wal);
      }
      moments.end();
    }
    for (Moment moment : moments.all()) {
      for (SimulatedDisk left : moment.crashes(3)) {
        try (Wal wal = Scene.open(left)) {
          List<String> records = Logs.read(wal);
          assertThat(wal.recovery().lastLsn()).isGreaterThanOrEqualTo(moment.acknowledged());
          assertThat(wal.firstLsn()).isLessThanOrEqualTo(asked);
          assertThat(records)
              .as(moment.operation())
              .isEqualTo(Logs.expected(wal.firstLsn(), wal.recovery().lastLsn()));
          assertThat(wal.append(Logs.record(0))).isGreaterThan(moment.acknowledged());
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(300);
  }
}
