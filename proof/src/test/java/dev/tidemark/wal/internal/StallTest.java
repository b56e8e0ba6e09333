package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.testkit.host.ForwardingHost;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.ForwardingFile;
import dev.tidemark.wal.storage.ForwardingStorage;
import dev.tidemark.wal.storage.Host;
import dev.tidemark.wal.storage.Storage;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What holds up a log is told while it does, by a clock that only the test moves.
@Timeout(60)
class StallTest {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration SLOW = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  private final SimulatedDisk storage = new SimulatedDisk();
  private final FakeHost host = new FakeHost(1);
  private final RecordedEvents events = new RecordedEvents();
  // The clock may run far ahead of the watch: no claim is given up meanwhile.
  private final WalOptions options =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .claimTimeout(Duration.ofDays(366))
          .events(events)
          .build();

  private Wal open(Storage on, Host with) throws IOException {
    Wal wal = Wal.open(on, with, options);
    Logs.awaitSpares(wal);
    return wal;
  }

  private void advanceUntil(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      host.advance(LOOK);
      Thread.onSpinWait();
    }
  }

  private void awaitEnd() {
    while (events.ended.isEmpty()) {
      host.advance(Duration.ZERO);
      Thread.onSpinWait();
    }
  }

  private static Thread append(Wal wal, int records) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                Logs.append(wal, 1, records);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  @Test
  void slowSyncIsToldWhileItHappensAgainAndWhenItEnds() throws Exception {
    try (Wal wal = open(storage, host)) {
      storage.holdSyncs();
      Thread appender = append(wal, 1);
      storage.awaitHeldSyncs(1);
      advanceUntil(() -> !events.stalled.isEmpty());
      Stall first = events.stalled.getFirst();
      assertThat(first.kind()).isEqualTo(Stall.Kind.SYNC);
      assertThat(first.lasted()).isGreaterThanOrEqualTo(SLOW);
      assertThat(first.lastLsn() - first.durableLsn()).isEqualTo(1);
      assertThat(events.ended).isEmpty();

      advanceUntil(() -> events.stalled.size() > 2);
      for (int i = 1; i < 3; i++) {
        Duration before = events.stalled.get(i - 1).lasted();
        Duration pause = before.compareTo(LONGEST_PAUSE) < 0 ? before : LONGEST_PAUSE;
        assertThat(events.stalled.get(i).lasted()).isGreaterThanOrEqualTo(before.plus(pause));
      }

      storage.releaseSyncs();
      appender.join();
      awaitEnd();
      assertThat(events.ended).hasSize(1);
      assertThat(events.ended.getFirst().kind()).isEqualTo(Stall.Kind.SYNC);
      assertThat(events.threads.subList(1, events.threads.size())).containsOnly("tidemark-watch");
    }
  }

  @Test
  void syncWithinItsTimeIsNotTold() throws Exception {
    try (Wal wal = open(storage, host)) {
      for (int round = 0; round < 20; round++) {
        storage.holdSyncs();
        Thread appender = append(wal, 1);
        storage.awaitHeldSyncs(1);
        host.advance(SLOW.minusNanos(1));
        storage.releaseSyncs();
        appender.join();
      }
    }
    assertThat(events.stalled).isEmpty();
    assertThat(events.ended).isEmpty();
  }

  @Test
  void slowWriteIsTold() throws Exception {
    CountDownLatch disk = new CountDownLatch(1);
    CountDownLatch reached = new CountDownLatch(1);
    Storage slow =
        new WatchedStorage(
            storage,
            () -> {
              if (Thread.currentThread().getName().equals("slow")) {
                reached.countDown();
                await(disk);
              }
            });
    try (Wal wal = open(slow, host)) {
      Thread appender = Thread.ofPlatform().name("slow").unstarted(() -> appendOne(wal));
      appender.start();
      await(reached); // before that it could be the claim that takes long
      advanceUntil(() -> !events.stalled.isEmpty());
      assertThat(events.stalled.getFirst().kind()).isEqualTo(Stall.Kind.WRITE);
      disk.countDown();
      appender.join();
      awaitEnd();
    }
  }

  @Test
  void slowRotationIsTold() throws Exception {
    CountDownLatch disk = new CountDownLatch(1);
    CountDownLatch reached = new CountDownLatch(1);
    AtomicBoolean opened = new AtomicBoolean();
    Storage slow =
        new ForwardingStorage(storage) {
          @Override
          public StorageFile open(String name) throws IOException {
            return new ForwardingFile(super.open(name)) {
              @Override
              public void write(long offset, MemorySegment bytes) throws IOException {
                if (opened.get() && name().equals(Manifest.FILE)) {
                  reached.countDown();
                  StallTest.await(disk);
                }
                super.write(offset, bytes);
              }
            };
          }
        };
    try (Wal wal = open(slow, host)) {
      opened.set(true);
      Thread appender = append(wal, 40);
      await(reached); // before that it could be a write that takes long
      advanceUntil(() -> !events.stalled.isEmpty());
      assertThat(events.stalled.getFirst().kind()).isEqualTo(Stall.Kind.ROTATION);
      disk.countDown();
      appender.join();
      awaitEnd();
    }
  }

  @Test
  void claimThatIsNotPublishedIsTold() throws Exception {
    CountDownLatch copy = new CountDownLatch(1);
    Host stopping = new StoppingHost(host, "stuck", copy);
    try (Wal wal = open(storage, stopping)) {
      Thread stuck = Thread.ofPlatform().name("stuck").unstarted(() -> appendOne(wal));
      stuck.start();
      while (wal.lastLsn() == 0) {
        Thread.onSpinWait();
      }
      advanceUntil(() -> !events.stalled.isEmpty());
      assertThat(events.stalled.getFirst().kind()).isEqualTo(Stall.Kind.CLAIM);
      copy.countDown();
      stuck.join();
      awaitEnd();
    }
  }

  @Test
  void appenderThatWaitsForRoomIsTold() throws Exception {
    try (Wal wal = open(storage, host)) {
      storage.holdSyncs();
      List<Thread> appenders = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        appenders.add(append(wal, 1));
      }
      advanceUntil(() -> events.stalled.stream().anyMatch(s -> s.kind() == Stall.Kind.SPACE));
      storage.releaseSyncs();
      for (Thread appender : appenders) {
        appender.join();
      }
      while (events.ended.stream().noneMatch(s -> s.kind() == Stall.Kind.SPACE)) {
        host.advance(Duration.ZERO);
      }
    }
  }

  @Test
  void eachKindSaysWhatToDo() {
    for (Stall.Kind kind : Stall.Kind.values()) {
      assertThat(new Stall(kind, Duration.ofMillis(1500), 3, 5))
          .asString()
          .contains("1.5 s")
          .contains("2 records wait, LSN 3 is durable")
          .endsWith(kind.advice());
    }
  }

  private static void appendOne(Wal wal) {
    try {
      wal.append(Logs.record(1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Another's, but the time stands still for one thread, which asks for it after its claim.
  private static final class StoppingHost extends ForwardingHost {
    private final String stopped;
    private final CountDownLatch until;

    StoppingHost(Host host, String stopped, CountDownLatch until) {
      super(host);
      this.stopped = stopped;
      this.until = until;
    }

    @Override
    public long nanoTime() {
      if (Thread.currentThread().getName().equals(stopped)) {
        await(until);
      }
      return super.nanoTime();
    }
  }
}
