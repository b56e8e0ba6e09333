package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Waits with a limit: by the clock of the host, and as long as one likes.
@Timeout(60)
class TimedWaitTest {
  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);
  private static final Duration LONG_AGO = Duration.ofSeconds(Long.MIN_VALUE);

  private final FakeHost host = new FakeHost(1);

  private interface Wait {
    boolean on(Wal wal) throws Exception;
  }

  private static CompletableFuture<Boolean> begin(Wal wal, Wait wait) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return wait.on(wal);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        Thread.ofPlatform()::start);
  }

  @Test
  void cursorWaitsByTheClockOfTheHost() throws Exception {
    try (Wal wal = Wal.open(new SimulatedDisk(), host, Logs.SMALL);
        Cursor cursor = wal.read(1)) {
      CompletableFuture<Boolean> waiting = begin(wal, log -> cursor.next(Duration.ofHours(1)));
      while (!waiting.isDone()) {
        host.advance(Duration.ofMinutes(10));
        Thread.onSpinWait();
      }
      assertThat(waiting.get()).isFalse();
    }
  }

  @Test
  void longestWaitEndsWithTheRecord() throws Exception {
    try (Wal wal = Wal.open(new SimulatedDisk(), host, Logs.SMALL);
        Cursor cursor = wal.read(1)) {
      CompletableFuture<Boolean> reading = begin(wal, log -> cursor.next(FOR_EVER));
      CompletableFuture<Boolean> waiting = begin(wal, log -> log.awaitDurableBeyond(0, FOR_EVER));
      host.advance(Duration.ofDays(1));
      wal.append(new byte[1]);
      assertThat(reading.get()).isTrue();
      assertThat(waiting.get()).isTrue();
    }
  }

  @Test
  void waitThatIsOverBeforeItBeginsReturnsAtOnce() throws Exception {
    try (Wal wal = Wal.open(new SimulatedDisk(), host, Logs.SMALL);
        Cursor cursor = wal.read(1)) {
      assertThat(cursor.next(LONG_AGO)).isFalse();
      assertThat(cursor.next(Duration.ZERO)).isFalse();
      assertThat(wal.awaitDurableBeyond(0, LONG_AGO)).isFalse();
    }
  }
}
