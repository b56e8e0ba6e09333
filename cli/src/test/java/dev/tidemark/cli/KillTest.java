package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The promise, from outside: what was acknowledged survives `kill -9` and is in Parquet once.
class KillTest {
  private static final int ROUNDS = 10;
  private static final int MOST_TRIES = 10;
  private static final long POLL_NANOS = 100_000;

  /// What the server is busy with when it is killed, beside requests.
  private enum When {
    WRITING,
    FLUSHING,
    STOPPING
  }

  @TempDir private Path folder;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private int kills;
  private int killsInRecovery;
  private int killsInFlush;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyAcknowledgedRowIsStoredOnceAndEveryBodyInDoubtWholeOrNotAtAll() throws Exception {
    System.out.println("KillTest: seed " + seed);
    Ledger ledger = new Ledger(Ledger.benchmark(), random);
    Path data = folder.resolve("data");
    for (int round = 0; round < ROUNDS; round++) {
      if (round % 3 == 2) {
        killInRecovery(data);
      }
      int share = ledger.unsentBodies() / (ROUNDS - round + 1);
      When when = round % 3 == 1 ? When.FLUSHING : round % 5 == 3 ? When.STOPPING : When.WRITING;
      killWhileWriting(data, ledger, 1 + random.nextInt(Math.max(1, share)), when);
    }
    finish(data, ledger);
    int[] stored = Stored.counted(data, ledger);
    System.out.printf(
        "KillTest: %d kills, %d in recovery, %d in a flush; %d bodies acknowledged; %d in doubt,"
            + " of which %d are stored%n",
        kills,
        killsInRecovery,
        killsInFlush,
        ledger.acknowledgedBodies(),
        ledger.inDoubtBodies(),
        ledger.inDoubtButStored(stored));
    assertThat(killsInRecovery).isPositive();
    assertThat(killsInFlush).isPositive();
    assertThat(ledger.unsentBodies()).isZero();
    assertThat(ledger.faults(stored)).as("seed %d", seed).isEmpty();
  }

  /// Kills a server with requests in flight, once it has acknowledged some bodies.
  private void killWhileWriting(Path data, Ledger ledger, int bodies, When when) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data)) {
      int port = server.ready();
      int before = ledger.inDoubtBodies();
      int enough = ledger.acknowledgedBodies() + bodies;
      Writers writers = Writers.start(port, ledger);
      await(writers, () -> ledger.acknowledgedBodies() >= enough);
      await(writers, writers::isAnyOutstanding);
      switch (when) {
        case FLUSHING -> killWhileFlushing(server, port, writers);
        case STOPPING -> killWhileStopping(server);
        case WRITING -> server.kill();
      }
      kills++;
      writers.join();
      // While it stops, all of them may have been refused, and then none is in doubt.
      assertThat(ledger.inDoubtBodies() - before)
          .as("requests in flight at the kill; seed %d", seed)
          .isBetween(when == When.STOPPING ? 0 : 1, Writers.CONNECTIONS);
    }
  }

  private void killWhileStopping(ChildServer server) throws InterruptedException {
    server.askToStop();
    LockSupport.parkNanos(random.nextInt(100_000_000));
    server.kill();
  }

  private void killWhileFlushing(ChildServer server, int port, Writers writers) throws Exception {
    try (Connection connection = new Connection(port)) {
      for (int i = 0; i < MOST_TRIES; i++) {
        CompletableFuture<Boolean> answered =
            CompletableFuture.supplyAsync(() -> flush(connection));
        await(writers, () -> connection.isOutstanding() || answered.isDone());
        // Somewhere in the flush, of which nobody knows how long it takes.
        LockSupport.parkNanos(random.nextInt(20_000_000));
        if (!answered.isDone() && writers.isAnyOutstanding()) {
          server.kill();
          if (!answered.get(60, TimeUnit.SECONDS)) {
            killsInFlush++;
          }
          return;
        }
        answered.get(60, TimeUnit.SECONDS);
      }
      server.kill();
    }
  }

  private static boolean flush(Connection connection) {
    try {
      return connection.post("/api/v1/write/flush", "").status() == 200;
    } catch (IOException gone) {
      return false;
    }
  }

  /// Kills a server after it has begun to recover and before it is ready.
  private void killInRecovery(Path data) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      try (ChildServer server = ChildServer.start(folder, data)) {
        server.bound();
        LockSupport.parkNanos(random.nextInt(100_000_000 >> i));
        server.kill();
        kills++;
        if (!server.isReady()) {
          killsInRecovery++;
          return;
        }
      }
    }
  }

  /// Sends the rest, flushes, and stops as one should.
  private void finish(Path data, Ledger ledger) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data)) {
      int port = server.ready();
      Writers.start(port, ledger).join();
      try (Connection connection = new Connection(port)) {
        Connection.Answer answer = connection.post("/api/v1/write/flush", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      }
      assertThat(server.terminate()).as(server.said()).isZero();
    }
  }

  private interface Claim {
    boolean holds();
  }

  private static void await(Writers writers, Claim claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!claim.holds()) {
      if (!writers.isAnyAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain; the writers live: " + writers.isAnyAlive());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
