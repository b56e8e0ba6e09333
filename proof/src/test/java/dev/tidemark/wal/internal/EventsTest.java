package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.RecoveryReport;
import dev.tidemark.wal.Refusals;
import dev.tidemark.wal.Stall;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalEvents;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a log tells whoever operates it, and that those can do it no harm.
@Timeout(60)
class EventsTest {
  private final SimulatedDisk storage = new SimulatedDisk();
  private final RecordedEvents events = new RecordedEvents();

  private static WalOptions telling(WalEvents to) {
    return WalOptions.builder()
        .segmentBytes(4096)
        .stagingBytes(1024)
        .slowSync(Duration.ofMillis(4))
        .events(to)
        .build();
  }

  private Wal open(WalEvents to) throws IOException {
    return Wal.open(storage, Host.system(), telling(to));
  }

  private Wal failed(WalEvents to) throws IOException {
    Wal wal = open(to);
    Logs.awaitSpares(wal); // or the sync of one would be the one that fails
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("planned"));
    assertThatThrownBy(() -> wal.append(Logs.record(1))).isInstanceOf(WalFailedException.class);
    return wal;
  }

  @Test
  void openingTellsWhatItFoundOnTheThreadThatOpens() throws Exception {
    try (Wal wal = open(events)) {
      assertThat(events.recovered).containsExactly(wal.recovery());
      assertThat(events.threads).containsExactly(Thread.currentThread().getName());
      assertThat(events.logs).containsExactly(storage.description());
    }
  }

  @Test
  void failureIsToldOnceWithItsCauseAndNotByTheAppender() throws Exception {
    Wal wal = failed(events);
    assertThatThrownBy(() -> wal.append(Logs.record(2))).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    assertThat(events.failed).hasSize(1);
    assertThat(events.failed.getFirst()).hasMessageContaining("planned");
    assertThat(events.threads.getLast()).isEqualTo("tidemark-watch");
  }

  @Test
  void failureIsToldWithoutAnybodyClosingTheLog() throws Exception {
    Wal wal = failed(events);
    while (events.failed.isEmpty()) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
  }

  @Test
  void refusalsAreToldWithTheirNumberAndNotOneByOne() throws Exception {
    try (Wal wal = open(events)) {
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes());
      assertThatThrownBy(() -> Logs.append(wal, 1, 1000)).isInstanceOf(WalFullException.class);
      while (events.refused.isEmpty()) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> wal.append(Logs.record(1))).isInstanceOf(WalFullException.class);
      }
    }
    assertThat(events.refused).hasSize(2); // the first, and the rest at close
    assertThat(events.refused.stream().mapToLong(Refusals::count).sum()).isEqualTo(51);
    assertThat(events.refused.getFirst().reason()).contains("no space");
  }

  @Test
  void whatEventsThrowHarmsNobody() throws Exception {
    WalEvents throwing = new ThrowingEvents();
    try (Wal wal = open(throwing)) {
      Logs.awaitSpares(wal);
      slowAppend(wal);
      storage.capacity(storage.usedBytes());
      assertThatThrownBy(() -> Logs.append(wal, 1, 1000)).isInstanceOf(WalFullException.class);
      storage.capacity(Long.MAX_VALUE);
    }
    Wal wal = failed(throwing);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    storage.faults().clear();
    try (Wal again = open(throwing)) {
      Logs.append(again, 1, 1);
    }
  }

  private void slowAppend(Wal wal) throws Exception {
    storage.holdSyncs();
    Thread appender = Thread.ofPlatform().start(() -> appendOne(wal));
    storage.awaitHeldSyncs(1);
    while (!ThrowingEvents.called) {
      Thread.onSpinWait();
    }
    storage.releaseSyncs();
    appender.join();
  }

  private static void appendOne(Wal wal) {
    try {
      wal.append(Logs.record(1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void eventsThatBlockHoldUpNoAppendAndNoClose() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    WalEvents blocking =
        new RecordedEvents() {
          @Override
          public void refused(String log, Refusals refusals) {
            entered.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    long closeNanos = Duration.ofMillis(400).toNanos();
    try (Wal wal = LocalWal.open(storage, Host.system(), telling(blocking), closeNanos)) {
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes());
      assertThatThrownBy(() -> Logs.append(wal, 1, 1000)).isInstanceOf(WalFullException.class);
      entered.await();
      storage.capacity(Long.MAX_VALUE);
      Logs.awaitSpares(wal);
      Logs.append(wal, 1, 100);
    }
    never.countDown();
  }

  @Test
  void eventsMayCloseTheLog() throws Exception {
    CompletableFuture<Wal> opened = new CompletableFuture<>();
    CountDownLatch closed = new CountDownLatch(1);
    WalEvents closing =
        new RecordedEvents() {
          @Override
          public void failed(String log, WalFailedException failure) {
            try (Wal wal = opened.join()) {
              assertThat(wal.metrics().failed()).isTrue();
            } catch (IOException _) {
              closed.countDown();
            }
          }
        };
    Wal wal = open(closing);
    opened.complete(wal);
    Logs.awaitSpares(wal); // or the sync of one would be the one that fails
    storage.faults().fail(Faults.Operation.SYNC, 1, new IOException("planned"));
    assertThatThrownBy(() -> wal.append(Logs.record(1))).isInstanceOf(WalFailedException.class);
    closed.await();
    storage.faults().clear();
    try (Wal again = open(events)) { // its lock is free
      assertThat(again.metrics().failed()).isFalse();
    }
  }

  @Test
  void byDefaultEventsAreLinesInTheLoggerOfTheLog() throws Exception {
    Logger logger = Logger.getLogger("dev.tidemark.wal");
    Lines lines = new Lines();
    logger.addHandler(lines);
    logger.setUseParentHandlers(false);
    logger.setLevel(Level.ALL);
    try {
      SimulatedDisk crashed;
      try (Wal wal = open(WalEvents.logged())) {
        Logs.append(wal, 1, 3);
        crashed = storage.crash(Crash.losingUnsynced());
      }
      Wal.open(crashed, Host.system(), telling(WalEvents.logged())).close();
      assertThat(lines.of(Level.FINE)).anyMatch(line -> line.contains("created an empty log"));
      assertThat(lines.of(Level.INFO))
          .anyMatch(line -> line.contains("has no seal") && line.contains("LSN 1 to 3"));
      Wal wal = failed(WalEvents.logged());
      assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
      assertThat(lines.of(Level.SEVERE))
          .singleElement()
          .asString()
          .startsWith("log " + storage.description())
          .contains("Mend the cause, then open the log again");
      WalEvents.logged().stalled("orders", new Stall(Stall.Kind.SYNC, Duration.ofSeconds(3), 1, 2));
      assertThat(lines.of(Level.WARNING)).anyMatch(line -> line.contains("iostat"));
    } finally {
      logger.setLevel(null);
      logger.setUseParentHandlers(true);
      logger.removeHandler(lines);
    }
  }

  private static final class Lines extends Handler {
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    List<String> of(Level level) {
      return records.stream()
          .filter(line -> line.getLevel().equals(level))
          .map(LogRecord::getMessage)
          .toList();
    }

    @Override
    public void publish(LogRecord line) {
      records.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /// Throws whatever it is told.
  private static final class ThrowingEvents implements WalEvents {
    static volatile boolean called;

    @Override
    public void recovered(String log, RecoveryReport report) {
      throw new IllegalStateException("planned");
    }

    @Override
    public void stalled(String log, Stall stall) {
      called = true;
      throw new StackOverflowError("planned");
    }

    @Override
    public void stallEnded(String log, Stall stall) {
      throw new AssertionError("planned");
    }

    @Override
    public void refused(String log, Refusals refusals) {
      throw new IllegalStateException("planned");
    }

    @Override
    public void failed(String log, WalFailedException failure) {
      throw new IllegalStateException("planned");
    }
  }
}
