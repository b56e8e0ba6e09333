package dev.tidemark.wal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.host.FakeHost;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FakeHostTest {

  @Test
  void timeMovesOnlyWhenTold() throws InterruptedException {
    FakeHost host = new FakeHost(1);
    AtomicLong woken = new AtomicLong();
    Thread waiting =
        host.start(
            "waiting",
            () -> {
              long until = host.nanoTime() + 100;
              while (host.nanoTime() < until) {
                host.park(this, until - host.nanoTime());
              }
              woken.set(host.nanoTime());
            });
    host.awaitWaiting(1);
    host.advance(Duration.ofNanos(50));
    host.awaitWaiting(1);
    assertThat(woken).hasValue(0);
    host.advance(Duration.ofNanos(50));
    waiting.join();
    assertThat(woken).hasValue(100);
  }

  @Test
  void unparkComesBeforeTime() throws InterruptedException {
    FakeHost host = new FakeHost(1);
    Thread waiting = host.start("waiting", () -> host.park(this, 1_000_000_000));
    host.awaitWaiting(1);
    host.unpark(waiting);
    waiting.join();
    assertThat(host.nanoTime()).isZero();
  }

  @Test
  void sameSeedSameNumbers() {
    assertThat(new FakeHost(7).random()).isEqualTo(new FakeHost(7).random());
    assertThat(new FakeHost(7).random()).isNotEqualTo(new FakeHost(8).random());
  }
}
