package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A log that has nothing to do uses no processor.
@Timeout(60)
class IdleTest {
  private static final long SPAN_NANOS = 1_000_000_000L;
  private static final long ALLOWED_NANOS = 50_000_000L;

  private final SimulatedDisk storage = new SimulatedDisk();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /// The system's, but it remembers the log's threads.
  private final Host host =
      new ForwardingHost(Host.system()) {
        @Override
        public Thread start(String name, Runnable body) {
          Thread thread = super.start(name, body);
          threads.add(thread);
          return thread;
        }
      };

  @Test
  void idleLogUsesNoProcessor() throws Exception {
    try (Wal wal = Wal.open(storage, host, Logs.SMALL)) {
      Logs.append(wal, 1, 50);
      long _ = wal.appendAsync(MemorySegment.ofArray(Logs.record(51))).get();
      assertIdle();
    }
  }

  @Test
  void asyncLogThatWasRotatedUsesNoProcessor() throws Exception {
    WalOptions options = Logs.small(SyncPolicy.async(Duration.ofMillis(10)));
    try (Wal wal = Wal.open(storage, host, options)) {
      Logs.append(wal, 1, 1);
      wal.rotate();
      assertIdle();
    }
  }

  @Test
  void segmentTooOldWithoutASpareUsesNoProcessor() throws Exception {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .rotationAge(Duration.ofMillis(1))
            .build();
    try (Wal wal = Wal.open(storage, host, options)) {
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes());
      Logs.append(wal, 1, 5);
      while (wal.metrics().files().spares() > 1) {
        Thread.onSpinWait(); // the first rotation finds one
      }
      Logs.append(wal, 6, 10);
      assertIdle();
    }
  }

  private void assertIdle() {
    ThreadMXBean mx = ManagementFactory.getThreadMXBean();
    long before = cpuNanos(mx);
    long until = System.nanoTime() + SPAN_NANOS;
    while (System.nanoTime() - until < 0) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    assertThat(cpuNanos(mx) - before).isLessThan(ALLOWED_NANOS);
  }

  private long cpuNanos(ThreadMXBean mx) {
    return threads.stream().mapToLong(thread -> mx.getThreadCpuTime(thread.threadId())).sum();
  }
}
