package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.storage.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One at a time holds the lock, in the order they came; whoever gives up is passed over.
@Timeout(60)
class HostLockTest {
  private static final int SEEDS = 200;

  @Test
  void oneAtATimeHoldsIt() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      SimulatedHost host = new SimulatedHost(seed);
      HostLock lock = new HostLock(host);
      int[] inside = new int[2];
      host.run(
          () -> {
            for (int i = 0; i < 5; i++) {
              host.start("holder-" + i, () -> holdThreeTimes(host, lock, inside));
            }
            return null;
          });
      assertThat(inside).as("seed %s", seed).containsExactly(0, 15);
    }
  }

  private static void holdThreeTimes(SimulatedHost host, HostLock lock, int[] inside) {
    for (int i = 0; i < 3; i++) {
      lock.lock();
      assertThat(++inside[0]).isEqualTo(1);
      host.pass();
      inside[1]++;
      inside[0]--;
      lock.unlock();
      host.pass();
    }
  }

  @Test
  void waitersComeInTurn() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      SimulatedHost host = new SimulatedHost(seed);
      HostLock lock = new HostLock(host);
      List<Integer> came = new ArrayList<>();
      List<Integer> went = new ArrayList<>();
      host.run(
          () -> {
            lock.lock();
            for (int i = 0; i < 4; i++) {
              int number = i;
              host.start(
                  "waiter",
                  () -> {
                    came.add(number);
                    lock.lock();
                    went.add(number);
                    host.pass();
                    lock.unlock();
                  });
            }
            host.park(this, 1000); // until all wait
            lock.unlock();
            return null;
          });
      assertThat(went).as("seed %s", seed).hasSize(4).isEqualTo(came);
    }
  }

  @Test
  void whoeverGivesUpIsPassedOver() throws Exception {
    int gaveUp = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SimulatedHost host = new SimulatedHost(seed);
      HostLock lock = new HostLock(host);
      boolean[] taken = new boolean[2];
      host.run(
          () -> {
            lock.lock();
            host.start("impatient", () -> taken[0] = holdIfWithin(lock, 100));
            host.start("patient", () -> taken[1] = holdIfWithin(lock, 1_000));
            host.park(this, 100); // lets go at the moment at which one gives up
            lock.unlock();
            return null;
          });
      assertThat(taken[1]).as("seed %s", seed).isTrue();
      gaveUp += taken[0] ? 0 : 1;
    }
    assertThat(gaveUp).isBetween(1, SEEDS - 1);
  }

  private static boolean holdIfWithin(HostLock lock, long nanos) {
    boolean taken = lock.tryLock(nanos);
    if (taken) {
      lock.unlock();
    }
    return taken;
  }

  @Test
  void holderMayTakeItAgainAndOthersMayNotLetItGo() throws Exception {
    SimulatedHost host = new SimulatedHost(1);
    HostLock lock = new HostLock(host);
    host.run(
        () -> {
          lock.lock();
          assertThat(lock.tryLock()).isTrue();
          lock.unlock();
          assertThat(lock.isHeldHere()).isTrue();
          host.start(
              "stranger",
              () -> {
                assertThat(lock.tryLock()).isFalse();
                assertThat(lock.tryLock(10)).isFalse();
                assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
              });
          host.park(this, 100);
          lock.unlock();
          assertThat(lock.isHeldHere()).isFalse();
          return null;
        });
  }

  @Test
  void interruptEndsNoWaitAndIsKept() throws Exception {
    HostLock lock = new HostLock(Host.system());
    lock.lock();
    AtomicBoolean kept = new AtomicBoolean();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  lock.lock();
                  kept.set(Thread.currentThread().isInterrupted());
                  lock.unlock();
                });
    waiter.interrupt();
    while (waiter.isInterrupted()) { // until the wait has met it
      Thread.onSpinWait();
    }
    assertThat(waiter.isAlive()).isTrue();
    lock.unlock();
    waiter.join();
    assertThat(kept).isTrue();
  }

  @Test
  void noWakeIsLostAmongRealThreads() throws InterruptedException {
    HostLock lock = new HostLock(Host.system());
    long[] count = new long[1];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int turn = 0; turn < 20_000; turn++) {
                      boolean _ = holdIfWithin(lock, 1 + turn % 50_000); // many give up
                      lock.lock();
                      count[0]++;
                      lock.unlock();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(count[0]).isEqualTo(80_000);
  }
}
