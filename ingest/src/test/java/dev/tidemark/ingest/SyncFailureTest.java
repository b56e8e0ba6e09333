package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.storage.StorageFullException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A sync of a log fails under load: who is told what, what is opened again, and that what was
/// acknowledged is in a file once.
@Timeout(180)
final class SyncFailureTest {
  private static final int WRITERS = 4;
  private static final String SHARD = Logs.shard(0);
  private static final IngestOptions OPTIONS =
      DataFolder.ON_DEMAND
          .withSegmentBytes(64 << 10)
          .withFlush(200, Duration.ofMillis(20))
          .withReopenDelay(Duration.ofMillis(10))
          .withCloseTimeout(Duration.ofSeconds(10));

  @TempDir Path folder;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final Logger logger = Logger.getLogger(FailureWatch.class.getName());
  private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  // What became of each row, by its value.
  private final AtomicInteger next = new AtomicInteger();
  private final Set<Integer> acknowledged = new ConcurrentSkipListSet<>();
  private final Set<Integer> inDoubt = new ConcurrentSkipListSet<>();

  @BeforeEach
  void listen() {
    System.out.println("SyncFailureTest: seed " + seed);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  static Stream<SyncPolicy> policies() {
    return Stream.of(
        SyncPolicy.fdatasync(), SyncPolicy.fsync(), SyncPolicy.async(Duration.ofMillis(20)));
  }

  private static StorageFullException noSpace() {
    return new StorageFullException("segment: fdatasync: No space left on device");
  }

  /// Writes rows of its own until enough are acknowledged, or nothing is any more.
  private void write(Ingest ingest, BooleanSupplier isEnough) {
    while (!isEnough.getAsBoolean()) {
      int value = next.incrementAndGet();
      boolean isOpen = true;
      while (isOpen) {
        isOpen = false;
        try {
          ingest.write(DataFolder.body("cpu v=" + value + "i " + value + "\n"));
          acknowledged.add(value);
        } catch (UnavailableException e) {
          if (e.outcomeUnknown()) {
            inDoubt.add(value);
          } else if (!isEnough.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
            isOpen = true;
          }
        } catch (BadLinesException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private List<Thread> writers(Ingest ingest, BooleanSupplier isEnough) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      threads.add(Thread.ofPlatform().start(() -> write(ingest, isEnough)));
    }
    return threads;
  }

  private static void await(String what, BooleanSupplier claim) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!claim.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(100_000);
    }
  }

  private List<String> lines(Level level) {
    return logged.stream()
        .filter(line -> line.getLevel().equals(level))
        .map(LogRecord::getMessage)
        .toList();
  }

  private int reopened() {
    return (int) lines(Level.WARNING).stream().filter(line -> line.contains("open again")).count();
  }

  /// Every acknowledged row once, every other at most once and only if it is in doubt.
  private void expectExactly(DataFolder data) throws Exception {
    List<String> stored = data.values("cpu", "v");
    Set<String> wanted = new TreeSet<>();
    acknowledged.forEach(value -> wanted.add(value.toString()));
    Set<String> allowed = new TreeSet<>(wanted);
    inDoubt.forEach(value -> allowed.add(value.toString()));
    assertThat(stored).as("seed %d", seed).doesNotHaveDuplicates().containsAll(wanted);
    assertThat(allowed).as("seed %d", seed).containsAll(stored);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void afterASyncThatFoundNoSpaceTheLogsAreOpenedAgainAndGoOnExactly(SyncPolicy policy)
      throws Exception {
    IngestOptions options = OPTIONS.withSync(policy);
    FaultyLogs logs = new FaultyLogs(folder, options);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(logs, options, RecoveryListener.silent())) {
      List<Thread> writers = writers(ingest, () -> acknowledged.size() >= 1000 && logs.hasFailed());
      await("some rows", () -> acknowledged.size() >= 100);
      logs.failSync(SHARD, 1 + random.nextInt(20), noSpace());
      for (Thread writer : writers) {
        writer.join();
      }
      await("it is well again", ingest::healthy);
      int before = acknowledged.size();
      write(ingest, () -> acknowledged.size() >= before + 100);
      ingest.flush();
      assertThat(logs.givenUp()).as("nobody else could get at a log in between").isZero();
      expectExactly(data);
      DataFolder killed = data.copiedTo(folder.resolveSibling(folder.getFileName() + "-killed"));
      killed.recovered();
      expectExactly(killed);
    }
    assertThat(reopened()).isEqualTo(1);
    assertThat(logs.reopened()).as("the log that works is kept").containsExactly(SHARD);
    assertThat(lines(Level.SEVERE))
        .singleElement()
        .asString()
        .contains("opened again in 10 ms")
        .contains("No space left")
        .contains("nothing acknowledged is lost");
    data.recovered();
    expectExactly(data);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void afterAnyOtherFailedSyncItStaysFailedUntilTheNextStart(SyncPolicy policy) throws Exception {
    IngestOptions options = OPTIONS.withSync(policy);
    FaultyLogs logs = new FaultyLogs(folder, options);
    DataFolder data = new DataFolder(folder);
    Ingest ingest = new Ingest(logs, options, RecoveryListener.silent());
    List<Thread> writers = writers(ingest, () -> !ingest.failure().isEmpty());
    await("some rows", () -> acknowledged.size() >= 100);
    logs.failSync(SHARD, 1 + random.nextInt(20), new IOException("Input/output error"));
    for (Thread writer : writers) {
      writer.join();
    }
    await("it is said", () -> !lines(Level.SEVERE).isEmpty());
    assertThat(lines(Level.SEVERE))
        .singleElement()
        .asString()
        .contains("Input/output error")
        .contains("mend the disk, then restart");
    UnavailableException later =
        catchThrowableOfType(
            UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=0i 0\n")));
    assertThat(later.outcomeUnknown()).as("nothing was tried").isFalse();
    assertThat(later.retryAfter()).isPositive();
    assertThat(ingest.failure()).contains("start again");
    assertThat(catchThrowableOfType(UnavailableException.class, ingest::flush)).isNotNull();
    assertThat(reopened()).isZero();
    closeAnyhow(ingest);
    data.recovered();
    expectExactly(data);
  }

  @Test
  void aCatalogThatFoundNoSpaceIsOpenedAgainToo() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent())) {
      write(ingest, () -> acknowledged.size() >= 10);
      logs.failSync(Logs.CATALOG, 1, noSpace());
      UnavailableException told =
          catchThrowableOfType(
              UnavailableException.class,
              () -> ingest.write(DataFolder.body("cpu v=77i,more=1i 77\n")));
      assertThat(told.outcomeUnknown()).as("no row was logged").isFalse();
      await("it is well again", () -> reopened() == 1 && ingest.healthy());
      ingest.write(DataFolder.body("cpu v=77i,more=\"now a text\" 77\n".replace("more", "other")));
      acknowledged.add(77);
      ingest.flush();
      expectExactly(data);
      assertThat(data.query("cpu", "SELECT other FROM FILES WHERE v = 77"))
          .containsExactly("now a text");
      assertThat(logs.reopened()).containsExactly(Logs.CATALOG);
      assertThat(logs.givenUp()).isZero();
    }
    data.recovered();
    expectExactly(data);
  }

  @Test
  void aCatalogThatFailedOtherwiseStaysFailed() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent());
    write(ingest, () -> acknowledged.size() >= 10);
    logs.failSync(Logs.CATALOG, 1, new IOException("Input/output error"));
    assertThat(
            catchThrowableOfType(
                UnavailableException.class,
                () -> ingest.write(DataFolder.body("cpu v=77i,more=1i 77\n"))))
        .isNotNull();
    await("it is said", () -> !lines(Level.SEVERE).isEmpty());
    assertThat(ingest.healthy()).isFalse();
    assertThat(ingest.failure()).contains("the catalog's log has failed");
    ingest.write(DataFolder.body("cpu v=78i 78\n")); // needs no new column
    acknowledged.add(78);
    closeAnyhow(ingest);
    DataFolder data = new DataFolder(folder);
    data.recovered();
    expectExactly(data);
  }

  @Test
  void aSecondFailureSoonAfterIsFinal() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent());
    logs.failSync(SHARD, 1, noSpace());
    write(ingest, () -> acknowledged.size() >= 10);
    await("it is well again", () -> reopened() == 1 && ingest.healthy());
    logs.failSync(SHARD, 1, noSpace());
    write(ingest, () -> !ingest.failure().isEmpty());
    await("it is said", () -> lines(Level.SEVERE).size() == 2);
    assertThat(lines(Level.SEVERE).get(1)).contains("second failure").contains("restart");
    assertThat(ingest.healthy()).isFalse();
    assertThat(reopened()).isEqualTo(1);
    closeAnyhow(ingest);
    DataFolder data = new DataFolder(folder);
    data.recovered();
    expectExactly(data);
  }

  @Test
  void logsThatCannotBeOpenedAgainStayFailedAndTheNextStartHasEverything() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent());
    write(ingest, () -> acknowledged.size() >= 10);
    logs.failOpen(new IOException("still no space"));
    logs.failSync(SHARD, 1, noSpace());
    write(ingest, () -> !ingest.failure().isEmpty());
    await("it is said", () -> lines(Level.SEVERE).size() == 2);
    assertThat(lines(Level.SEVERE).get(1)).contains("could not be opened again");
    assertThat(ingest.healthy()).isFalse();
    assertThat(
            catchThrowableOfType(
                UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=0i 0\n"))))
        .isNotNull();
    assertThat(ingest.metrics().flushedRows()).as("can still be looked at").isNotNegative();
    closeAnyhow(ingest);
    DataFolder data = new DataFolder(folder);
    data.recovered();
    expectExactly(data);
  }

  @Test
  void aLogThatFailedOtherwiseIsNotOpenedAgainBecauseTheOtherOneFoundNoSpace() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent());
    write(ingest, () -> acknowledged.size() >= 10);
    logs.failSync(Logs.CATALOG, 1, new IOException("Input/output error"));
    assertThat(
            catchThrowableOfType(
                UnavailableException.class,
                () -> ingest.write(DataFolder.body("cpu v=77i,more=1i 77\n"))))
        .isNotNull();
    await("it is said", () -> lines(Level.SEVERE).size() == 1);
    logs.failSync(SHARD, 1, noSpace());
    write(ingest, () -> ingest.failure().contains("No space left"));
    await("it is said", () -> lines(Level.SEVERE).size() == 3);
    assertThat(lines(Level.SEVERE).get(2))
        .contains("could not be opened again")
        .contains("Input/output error");
    assertThat(logs.reopened()).isEmpty();
    assertThat(ingest.healthy()).isFalse();
    closeAnyhow(ingest);
    DataFolder data = new DataFolder(folder);
    data.recovered();
    expectExactly(data);
  }

  // Each sync of two bodies and two flushes: of a body, of an INTENT, of a DONE, of a mark.
  @Test
  void whicheverSyncFindsNoSpaceEveryRowIsThereOnce() throws Exception {
    for (int n = 1; n <= 12; n++) {
      Path root = folder.resolve("sync-" + n);
      FaultyLogs logs = new FaultyLogs(root, OPTIONS);
      acknowledged.clear();
      inDoubt.clear();
      try (Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent())) {
        logs.failSync(SHARD, n, noSpace());
        for (int body = 0; body < 3; body++) {
          int enough = acknowledged.size() + inDoubt.size() + 3;
          write(ingest, () -> acknowledged.size() + inDoubt.size() >= enough);
          flushAnyhow(ingest);
        }
      }
      DataFolder data = new DataFolder(root);
      data.recovered();
      expectExactly(data);
    }
  }

  private static void flushAnyhow(Ingest ingest) {
    boolean isDone = false;
    while (!isDone) {
      try {
        ingest.flush();
        isDone = true;
      } catch (UnavailableException | SinkFailedException beingOpenedAgain) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private static void closeAnyhow(Ingest ingest) {
    try {
      ingest.close();
    } catch (IOException failed) {
      // A log that has failed says so again.
    }
  }
}
