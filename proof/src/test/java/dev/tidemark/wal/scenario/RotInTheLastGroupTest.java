package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.OnUnvouchedTail;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import dev.tidemark.wal.internal.Ticks;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 41: the last group rots, before and after something vouches for it.
@Timeout(60)
class RotInTheLastGroupTest {
  private static final WalOptions STRICT =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .onUnvouchedTail(OnUnvouchedTail.FAIL)
          .build();

  private interface Witness {
    void of(Wal wal) throws IOException;
  }

  private static Frame last(Remains log, String name) throws IOException {
    return log.frames(name).stream().filter(f -> f.lastLsn() == 5).findFirst().orElseThrow();
  }

  @Test
  void beforeAnythingVouchesForItIsCutAndReportedOrRefusedByOption() throws IOException {
    Remains whole = Remains.of(wal -> Logs.append(wal, 1, 5));
    Frame last = last(whole, whole.newest());
    for (int bit = 0; bit < (64 + 12) * 8; bit++) { // header and record; the rest is filling
      Remains log = new Remains(Scene.killed(whole.storage));
      log.storage.flip(log.newest(), last.offset() + bit / 8, bit % 8);
      assertThat(log.refused(STRICT).offset()).isEqualTo(last.offset());
      try (Wal wal = log.open()) {
        assertThat(wal.recovery().verdict()).isEqualTo(Verdict.UNVOUCHED_TAIL);
        assertThat(wal.recovery().end()).isEqualTo(last.offset());
        assertThat(wal.recovery().cutBytes()).isPositive();
        boolean headerIsWhole = bit >= 64 * 8;
        assertThat(wal.recovery().discardedTo()).isEqualTo(headerIsWhole ? 5 : 0);
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
      }
    }
  }

  @Test
  void onlyRecordOfALogTheSame() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 1));
    log.spoilPayload(log.newest(), log.frames(log.newest()).getFirst());
    assertThat(log.refused(STRICT).lostFrom()).isEqualTo(1);
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().discardedTo()).isEqualTo(1);
      assertThat(wal.append(Logs.record(2))).isEqualTo(2);
    }
  }

  private static void isCorruptionAfter(Witness witness) throws IOException {
    Remains whole =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 5);
              Logs.awaitSpares(wal);
              witness.of(wal);
            });
    String name = Remains.segment(1);
    Frame last = last(whole, name);
    WalOptions verified =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();
    for (int bit = 0; bit < (64 + 12) * 8; bit += 3) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.storage.flip(name, last.offset() + bit / 8, bit % 8);
      assertThat(log.refused(verified).lostFrom()).isEqualTo(5);
    }
  }

  @Test
  void afterTheNextGroupIsCorruption() throws IOException {
    isCorruptionAfter(wal -> Logs.append(wal, 6, 6));
  }

  @Test
  void afterAChangeOfSegmentsIsCorruption() throws IOException {
    isCorruptionAfter(Wal::rotate);
  }

  @Test
  void afterACloseIsCorruption() throws IOException {
    isCorruptionAfter(Wal::close);
  }

  @Test
  void afterAnAckIsCorruption() throws IOException {
    isCorruptionAfter(wal -> wal.subscribe("reader", 6).close());
  }

  @Test
  void afterACheckpointIsCorruption() throws IOException {
    isCorruptionAfter(wal -> wal.checkpoint(5, target -> {}));
  }

  @Test
  void afterATruncationIsCorruption() throws IOException {
    isCorruptionAfter(wal -> wal.truncateBefore(6));
  }

  @Test
  void afterTheMarkOfAnIdleLogIsCorruption() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    FakeHost host = new FakeHost(1);
    try (Wal wal = Wal.open(disk, host, Logs.SMALL)) {
      Logs.append(wal, 1, 5);
      Remains log = new Remains(disk);
      long end = log.end(log.newest());
      host.advance(Duration.ofMillis(11));
      try (Ticks _ = new Ticks(host)) {
        while (log.end(log.newest()) == end) {
          Thread.onSpinWait();
        }
      }
      Remains left = new Remains(Scene.killed(disk));
      left.spoilPayload(left.newest(), last(left, left.newest()));
      assertThat(left.refused(Logs.SMALL).lostTo()).isEqualTo(5);
    }
  }

  @Test
  void underAsyncTheLastGroupIsEverythingSinceTheLastPromise() throws IOException {
    WalOptions async = Logs.small(Scene.ASYNC);
    Remains whole =
        Remains.of(
            async,
            wal -> {
              Logs.append(wal, 1, 3);
              wal.sync();
              Logs.append(wal, 4, 8);
            });
    for (Frame frame : whole.frames(whole.newest())) {
      if (frame.kind() == Remains.MARK) {
        continue;
      }
      Remains log = new Remains(Scene.killed(whole.storage));
      log.spoilPayload(log.newest(), frame);
      if (frame.lastLsn() <= 3) {
        assertThat(log.refused(async).lostFrom()).isEqualTo(frame.firstLsn());
      } else {
        try (Wal wal = log.open(async)) {
          assertThat(wal.recovery().discardedFrom()).isEqualTo(frame.firstLsn());
          assertThat(wal.recovery().discardedTo()).isEqualTo(8);
        }
      }
    }
  }
}
