package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.Segment;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Logs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 27: the clock on the wall jumps, while a log is open and between two starts; and what
/// measures time begins anew with each start.
@Timeout(60)
class ClockJumpsTest {
  private static final long[] WALLS = {
    1_800_000_000_000L, 0, -1, Long.MAX_VALUE, 1_700_000_000_000L, Long.MIN_VALUE, 1
  };

  /// A machine whose clocks show what they are set to.
  private static final class Jumping extends ForwardingHost {
    private volatile long wallMillis;
    private final long startNanos;

    Jumping(long wallMillis, long startNanos) {
      super(new FakeHost(5));
      this.wallMillis = wallMillis;
      this.startNanos = startNanos;
    }

    @Override
    public long nanoTime() {
      return startNanos + super.nanoTime();
    }

    @Override
    public long epochMillis() {
      return wallMillis;
    }

    @Override
    public long random() {
      return super.random() + wallMillis;
    }
  }

  @Test
  void orderNumbersAndLsnsNeverDependOnIt() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    int n = 0;
    List<Long> numbers = new ArrayList<>();
    for (long wall : WALLS) {
      Jumping host = new Jumping(wall, wall * 31); // nanoTime has any origin, and may overflow
      try (Wal wal = Wal.open(disk, host, Logs.SMALL)) {
        for (long again : WALLS) {
          host.wallMillis = again;
          Logs.append(wal, ++n, n);
          wal.rotate();
          Logs.awaitSpares(wal);
        }
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, n));
        wal.segments().stream().map(Segment::number).forEach(numbers::add);
        List<Long> now = numbers.stream().distinct().toList();
        assertThat(now).isSorted();
      }
    }
  }
}
