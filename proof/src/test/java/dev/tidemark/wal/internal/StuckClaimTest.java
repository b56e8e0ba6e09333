package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An appender that stops between its claim and its publication.
@Timeout(30)
class StuckClaimTest {
  private static final String STUCK = "stuck";

  private final CountDownLatch release = new CountDownLatch(1);

  /// The system's, but the time stands still for one thread: async asks for it after the claim.
  private final Host host =
      new ForwardingHost(Host.system()) {
        @Override
        public long nanoTime() {
          if (Thread.currentThread().getName().equals(STUCK)) {
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
          return super.nanoTime();
        }
      };

  @Test
  void failsAnIdleLogAfterItsTimeAlthoughNobodyElseAppends() throws Exception {
    WalOptions options =
        WalOptions.builder()
            .segmentBytes(4096)
            .stagingBytes(1024)
            .sync(SyncPolicy.async(Duration.ofHours(1)))
            .claimTimeout(Duration.ofMillis(50))
            .build();
    Wal wal = Wal.open(new SimulatedDisk(), host, options);
    Thread stuck =
        Thread.ofPlatform()
            .name(STUCK)
            .start(
                () -> {
                  try {
                    wal.append(new byte[1]);
                  } catch (IOException _) {
                    // The log has failed meanwhile.
                  }
                });
    while (wal.lastLsn() == 0) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(() -> wal.awaitDurableBeyond(0, Duration.ofSeconds(10)))
        .isInstanceOf(WalFailedException.class)
        .hasMessageContaining("LSN 1");
    release.countDown();
    stuck.join();
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }
}
