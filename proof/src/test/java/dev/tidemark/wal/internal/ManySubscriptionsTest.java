package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ten thousand subscriptions to one log, all at once: what they cost is counted in syncs.
@Timeout(120)
class ManySubscriptionsTest {
  private static final int MANY = 10_000;

  private final SimulatedDisk storage = new SimulatedDisk();

  private long syncs() {
    return storage.operations().stream().filter(o -> o.startsWith("sync subscriptions")).count();
  }

  @Test
  void tenThousandRegisterAndAcknowledgeAtOnceWithFewSyncs() throws Exception {
    try (Wal wal = Wal.open(storage, new FakeHost(1), SubscriptionTest.PRUNED);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Logs.awaitSpares(wal);
      List<Subscription> all = allAtOnce(threads, i -> wal.subscribe("consumer-" + i));
      long registering = syncs();
      // Alone, each would take two, and one in fifty two more.
      assertThat(registering).as("syncs of %s registrations", MANY).isLessThan(2 * MANY);
      Logs.append(wal, 1, 100);
      Logs.awaitSpares(wal);

      allAtOnce(
          threads,
          i -> {
            all.get(i).ack(1 + i % 100);
            return all.get(i);
          });
      long acking = syncs() - registering;
      System.out.printf(
          "%d subscriptions: %d syncs to register, %d to acknowledge%n", MANY, registering, acking);
      assertThat(acking).as("syncs of %s acks", MANY).isLessThan(MANY / 4);
      assertThat(storage.bytes(SubscriptionFile.FILE)).hasSizeLessThan(2 << 20);
    }
    SimulatedDisk cut = storage.crash(Crash.losingUnsynced());
    try (Wal wal = Wal.open(cut, new FakeHost(1), SubscriptionTest.PRUNED)) {
      List<SubscriptionStatus> found = wal.subscriptions();
      assertThat(found).hasSize(MANY);
      for (SubscriptionStatus one : found) {
        int i = Integer.parseInt(one.name().substring("consumer-".length()));
        assertThat(one.acked()).as(one.name()).isEqualTo(1 + i % 100);
      }
    }
  }

  private interface Each {
    Subscription of(int i) throws IOException;
  }

  // While the first is held in its sync, all others begin.
  private List<Subscription> allAtOnce(ExecutorService threads, Each each) throws Exception {
    AtomicInteger begun = new AtomicInteger();
    storage.holdSyncs();
    List<Future<Subscription>> started = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      int number = i;
      started.add(
          threads.submit(
              () -> {
                begun.incrementAndGet();
                return each.of(number);
              }));
    }
    storage.awaitHeldSyncs(1);
    while (begun.get() < MANY) {
      Thread.onSpinWait();
    }
    storage.releaseSyncs();
    List<Subscription> done = new ArrayList<>();
    for (Future<Subscription> future : started) {
      done.add(future.get(100, TimeUnit.SECONDS));
    }
    return done;
  }
}
