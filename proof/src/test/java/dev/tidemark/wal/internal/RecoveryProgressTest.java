package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.RecoveryProgress;
import dev.tidemark.wal.RecoveryProgress.Phase;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.internal.events.Announcer;
import dev.tidemark.wal.internal.events.Progress;
import dev.tidemark.wal.storage.Host;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A long open says how far it is.
@Timeout(60)
class RecoveryProgressTest {
  private static final long MIB = 1 << 20;

  private final FakeHost host = new FakeHost(1);
  private final RecordedEvents events = new RecordedEvents();

  @Test
  void isToldOnceASecondWithWhatIsLeft() {
    Progress progress = Progress.of(new Announcer(events, "orders"), host, Phase.VERIFY, 100 * MIB);
    for (int mib = 1; mib <= 50; mib++) {
      host.advance(Duration.ofMillis(100));
      progress.at("f", mib * MIB, mib * 10L);
    }
    assertThat(events.progress).hasSize(5);
    assertThat(events.progress.getLast())
        .isEqualTo(
            new RecoveryProgress(
                Phase.VERIFY,
                "f",
                50 * MIB,
                100 * MIB,
                500,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5)));
    assertThat(events.progress.getLast())
        .hasToString("verifying f: 50 of 100 MiB (50 %), 500 records; 5 s so far, about 5 s left");
  }

  @Test
  void quickOneIsNotTold() {
    Progress progress = Progress.of(new Announcer(events, "orders"), host, Phase.SCAN, MIB);
    host.advance(Duration.ofMillis(999));
    progress.at("f", MIB, 1);
    assertThat(events.progress).isEmpty();
  }

  @Test
  void scanOfTheNewestSegmentIsTold() throws Exception {
    SimulatedDisk storage = new SimulatedDisk();
    WalOptions options = WalOptions.builder().segmentBytes(4 * MIB).events(events).build();
    SimulatedDisk crashed;
    try (Wal wal = Wal.open(storage, Host.system(), options)) {
      for (int i = 0; i < 32; i++) {
        wal.append(new byte[64 << 10]);
      }
      crashed = storage.crash(Crash.losingUnsynced());
    }
    FakeHost ticking = new FakeHost(1);
    Host slow = new TickingHost(ticking, Duration.ofMillis(400));
    try (Wal wal = Wal.open(crashed, slow, options)) {
      assertThat(wal.lastLsn()).isEqualTo(32);
    }
    assertThat(events.progress).isNotEmpty();
    long before = 0;
    for (RecoveryProgress now : events.progress) {
      assertThat(now.totalBytes()).isEqualTo(4 * MIB);
      assertThat(now.bytes()).isGreaterThan(before).isLessThanOrEqualTo(4 * MIB);
      assertThat(now.phase()).isEqualTo(Phase.SCAN);
      before = now.bytes();
    }
    assertThat(events.progress)
        .as("told while the frames are followed, and while what is behind them is looked at")
        .anyMatch(now -> now.records() > 0 && now.records() < 32)
        .anyMatch(now -> now.records() == 32);
  }

  @Test
  void checkpointThatIsReadToItsEndIsTold() throws Exception {
    SimulatedDisk storage = new SimulatedDisk();
    storage.cacheStays(); // so that it is verified at the next open
    SimulatedDisk crashed;
    try (Wal wal = Wal.open(storage, Host.system(), Logs.SMALL)) {
      wal.append(new byte[10]);
      wal.checkpoint(1, target -> target.write(new byte[4 << 20]));
      crashed = storage.crash(Crash.losingUnsynced());
    }
    WalOptions options =
        WalOptions.builder().segmentBytes(4096).stagingBytes(1024).events(events).build();
    Host slow = new TickingHost(new FakeHost(1), Duration.ofMillis(400));
    try (Wal wal = Wal.open(crashed, slow, options)) {
      assertThat(wal.checkpoint()).isPresent();
    }
    assertThat(events.progress).isNotEmpty();
    for (RecoveryProgress now : events.progress) {
      assertThat(now.phase()).isEqualTo(Phase.CHECKPOINT);
      assertThat(now.totalBytes()).isEqualTo(4 * MIB);
      assertThat(now.bytes()).isLessThanOrEqualTo(4 * MIB);
      assertThat(now.file()).startsWith("checkpoint-");
    }
  }

  /// A clock that moves whenever somebody looks.
  private static final class TickingHost extends ForwardingHost {
    private final FakeHost host;
    private final Duration tick;

    TickingHost(FakeHost host, Duration tick) {
      super(host);
      this.host = host;
      this.tick = tick;
    }

    @Override
    public long nanoTime() {
      host.advance(tick);
      return host.nanoTime();
    }

    @Override
    public void park(Object blocker, long nanos) {
      Host.system().park(blocker, Math.min(nanos, 1_000_000));
    }
  }
}
