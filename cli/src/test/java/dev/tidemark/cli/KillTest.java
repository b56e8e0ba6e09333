package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The promise, from outside: what was acknowledged survives `kill -9`, a full disk and any mixture
/// of both, and is in Parquet once.
class KillTest {
  private static final int ROUNDS = 20;
  // More than is ever sent: no round may find nothing left to send.
  private static final int LINES = 1_000_000;
  private static final int MOST_BODIES = 300;
  private static final int MOST_TRIES = 10;
  private static final long REST_NANOS = 3_000_000;
  private static final int DISK_MEBIBYTES = 512;
  private static final long POLL_NANOS = 100_000;
  private static final String[] SMALL = {"--segment-size", "256KiB"};

  /// What the server is busy with, beside requests, when its round ends.
  private enum Round {
    /// Killed while it writes.
    WRITING(5),
    /// Killed in a flush.
    FLUSHING(4),
    /// Told to stop, and killed while it does.
    STOPPING(3),
    /// Told to stop, and left to it.
    SIGTERM(2),
    /// Killed on a full disk, started on it, killed again, started again; then there is room.
    FULL(4),
    /// The disk fills up and has room again while it runs; then it is killed.
    SHORT_OF_SPACE(2);

    private final int times;

    Round(int times) {
      this.times = times;
    }
  }

  @TempDir private Path folder;

  private final long seed = Long.getLong("tidemark.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<Round, Integer> done = new EnumMap<>(Round.class);
  private int kills;
  private int killsInRecovery;
  private int killsInFlush;
  private int startsOnAFullDisk;
  private long refusals;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyAcknowledgedRowIsStoredOnceAndEveryBodyInDoubtWholeOrNotAtAll() throws Exception {
    System.out.println("KillTest: seed " + seed);
    Optional<SmallDisk> disk =
        SmallDisk.mounted(
            folder.resolve("disk"), DISK_MEBIBYTES, "kills of a server on a full disk");
    try {
      run(disk);
    } finally {
      if (disk.isPresent()) {
        disk.get().close();
      }
    }
  }

  private void run(Optional<SmallDisk> disk) throws Exception {
    Ledger ledger = new Ledger(Ledger.benchmark(LINES), random);
    Path data = disk.map(SmallDisk::root).orElse(folder).resolve("data");
    List<Round> rounds = rounds();
    for (Round round : rounds) {
      int bodies = 1 + random.nextInt(MOST_BODIES);
      if (random.nextInt(4) == 0) {
        killInRecovery(data, disk, false);
      }
      if (disk.isPresent() && round == Round.FULL) {
        fullDisk(disk.get(), data, ledger, bodies);
      } else if (disk.isPresent() && round == Round.SHORT_OF_SPACE) {
        shortOfSpace(disk.get(), data, ledger, bodies);
      } else {
        round(data, ledger, bodies, round);
      }
      done.merge(round, 1, Integer::sum);
    }
    killInRecovery(data, disk, false);
    finish(data, ledger);
    judge(data, ledger, disk.isPresent());
  }

  private List<Round> rounds() {
    List<Round> rounds = new ArrayList<>();
    for (Round round : Round.values()) {
      rounds.addAll(Collections.nCopies(round.times, round));
    }
    assertThat(rounds).hasSize(ROUNDS);
    Collections.shuffle(rounds, random);
    return rounds;
  }

  private void judge(Path data, Ledger ledger, boolean hadDisk) throws Exception {
    int[] stored = Stored.counted(data, ledger);
    System.out.printf(
        "KillTest: %s; %d kills, %d in recovery, %d in a flush; %d starts on a full disk, %d"
            + " refusals; %d bodies acknowledged; %d in doubt, of which %d are stored%n",
        done,
        kills,
        killsInRecovery,
        killsInFlush,
        startsOnAFullDisk,
        refusals,
        ledger.acknowledgedBodies(),
        ledger.inDoubtBodies(),
        ledger.inDoubtButStored(stored));
    assertThat(killsInRecovery).as("seed %d", seed).isPositive();
    assertThat(killsInFlush).as("seed %d", seed).isPositive();
    assertThat(ledger.faults(stored)).as("seed %d", seed).isEmpty();
    if (hadDisk) {
      assertThat(startsOnAFullDisk).as("seed %d", seed).isPositive();
      assertThat(refusals).as("seed %d", seed).isPositive();
    }
  }

  // ---- rounds with room on the disk

  /// Ends a server with requests in flight, once it has acknowledged some bodies.
  private void round(Path data, Ledger ledger, int bodies, Round round) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      int port = server.ready();
      int before = ledger.inDoubtBodies();
      int enough = ledger.acknowledgedBodies() + bodies;
      Writers writers = Writers.start(port, ledger, REST_NANOS);
      await(server, writers, () -> ledger.acknowledgedBodies() >= enough);
      await(server, writers, writers::isAnyOutstanding);
      switch (round) {
        case FLUSHING -> killWhileFlushing(server, port, writers);
        case STOPPING -> killWhileStopping(server);
        case SIGTERM -> assertThat(server.terminate()).as(server.said()).isZero();
        case WRITING, FULL, SHORT_OF_SPACE -> kill(server);
      }
      writers.join();
      // While it stops, all of them may have been refused, and then none is in doubt.
      boolean stops = round == Round.STOPPING || round == Round.SIGTERM;
      assertThat(ledger.inDoubtBodies() - before)
          .as("requests in flight at the end; seed %d", seed)
          .isBetween(stops ? 0 : 1, Writers.CONNECTIONS);
    }
  }

  private void kill(ChildServer server) throws InterruptedException {
    server.kill();
    kills++;
  }

  private void killWhileStopping(ChildServer server) throws InterruptedException {
    server.askToStop();
    LockSupport.parkNanos(random.nextInt(100_000_000));
    kill(server);
  }

  private void killWhileFlushing(ChildServer server, int port, Writers writers) throws Exception {
    try (Connection connection = new Connection(port)) {
      for (int i = 0; i < MOST_TRIES; i++) {
        CompletableFuture<Boolean> answered =
            CompletableFuture.supplyAsync(() -> flush(connection));
        await(server, writers, () -> connection.isOutstanding() || answered.isDone());
        // Somewhere in the flush, of which nobody knows how long it takes.
        LockSupport.parkNanos(random.nextInt(20_000_000));
        if (!answered.isDone() && writers.isAnyOutstanding()) {
          kill(server);
          if (!answered.get(60, TimeUnit.SECONDS)) {
            killsInFlush++;
          }
          return;
        }
        answered.get(60, TimeUnit.SECONDS);
      }
      kill(server);
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
  ///
  /// @param isFull whether the disk is to be filled again each time
  private void killInRecovery(Path data, Optional<SmallDisk> disk, boolean isFull)
      throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (isFull) {
        disk.orElseThrow().fill();
      }
      try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
        server.bound();
        LockSupport.parkNanos(random.nextInt(100_000_000 >> i));
        kill(server);
        if (!server.isReady()) {
          killsInRecovery++;
          return;
        }
      }
    }
  }

  // ---- rounds on a full disk

  /// Fills the disk under a server, kills it, starts one that finds no free byte, and makes room.
  private void fullDisk(SmallDisk disk, Path data, Ledger ledger, int bodies) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      Writers writers = Writers.start(server.ready(), ledger, REST_NANOS);
      int enough = ledger.acknowledgedBodies() + bodies / 2;
      await(server, writers, () -> ledger.acknowledgedBodies() >= enough);
      disk.fill();
      LockSupport.parkNanos(random.nextInt(200_000_000));
      kill(server);
      writers.join();
      refusals += writers.refusals();
    }
    if (random.nextBoolean()) {
      killInRecovery(data, Optional.of(disk), true);
    }
    disk.fill();
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      Writers writers = Writers.start(server.ready(), ledger, REST_NANOS);
      startsOnAFullDisk++;
      LockSupport.parkNanos(random.nextInt(200_000_000));
      disk.free();
      int enough = ledger.acknowledgedBodies() + bodies / 2;
      await(server, writers, () -> ledger.acknowledgedBodies() >= enough);
      kill(server);
      writers.join();
      refusals += writers.refusals();
    } finally {
      disk.free();
    }
  }

  /// Fills the disk under a server and makes room again, some times; it goes on by itself.
  private void shortOfSpace(SmallDisk disk, Path data, Ledger ledger, int bodies) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      Writers writers = Writers.start(server.ready(), ledger, REST_NANOS);
      for (int i = 0; i < 3; i++) {
        disk.fill();
        LockSupport.parkNanos(random.nextInt(200_000_000));
        disk.free();
        int enough = ledger.acknowledgedBodies() + bodies / 3;
        await(server, writers, () -> ledger.acknowledgedBodies() >= enough);
      }
      kill(server);
      writers.join();
      refusals += writers.refusals();
    } finally {
      disk.free();
    }
  }

  /// Sends some more, flushes, and stops as one should.
  private void finish(Path data, Ledger ledger) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      int port = server.ready();
      Writers writers = Writers.start(port, ledger, REST_NANOS);
      int enough = ledger.acknowledgedBodies() + MOST_BODIES;
      await(server, writers, () -> ledger.acknowledgedBodies() >= enough);
      ledger.discardUnsent();
      writers.join();
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

  private void await(ChildServer server, Writers writers, Claim claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!claim.holds()) {
      if (!writers.isAnyAlive() || System.nanoTime() > deadline) {
        throw new AssertionError(
            "waited in vain; seed "
                + seed
                + "; the writers live: "
                + writers.isAnyAlive()
                + " "
                + writers.failures()
                + "; the server wrote:\n"
                + server.said());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
