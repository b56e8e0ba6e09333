package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server on a disk that is full to the last byte: it refuses, keeps what it acknowledged,
/// starts, and goes on by itself once there is room.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FullDiskTest {
  private static final String[] SMALL = {"--segment-size", "1MiB"};
  private static final String WRITE = "/api/v1/write/line-protocol?db=nab";
  private static final String FLUSH = "/api/v1/write/flush";

  @TempDir private Path folder;

  @Test
  void itStartsOnAFullDiskAfterAKillKeepsEverythingAcknowledgedAndGoesOnByItself()
      throws Exception {
    Optional<SmallDisk> mounted =
        SmallDisk.mounted(folder.resolve("disk"), 64, "a server on a disk without a free byte");
    assumeTrue(mounted.isPresent(), "a tmpfs can be mounted");
    try (SmallDisk disk = mounted.orElseThrow()) {
      Path data = disk.root().resolve("data");
      Ledger ledger = new Ledger(Ledger.endless(400_000), new Random(7));
      try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
        Writers writers = Writers.start(server.ready(), ledger);
        await(server, () -> ledger.acknowledgedBodies() >= 50);
        disk.fill();
        await(server, () -> writers.refusals() >= 20);
        disk.fill();
        server.kill();
        writers.join();
      }
      disk.fill();
      assertThat(disk.freeBytes()).isZero();
      restartOnTheFullDisk(disk, data, ledger);
      assertThat(ledger.faults(Stored.counted(data, ledger))).isEmpty();
    }
  }

  private void restartOnTheFullDisk(SmallDisk disk, Path data, Ledger ledger) throws Exception {
    try (ChildServer server = ChildServer.start(folder, data, SMALL)) {
      int port = server.ready();
      try (Connection connection = new Connection(port)) {
        Connection.Answer flush = connection.post(FLUSH, "");
        assertThat(flush.status()).as(flush.body()).isEqualTo(503);
        assertThat(flush.head()).containsIgnoringCase("Retry-After");
        // It may take what the segment it recovered into still holds, and no more.
        assertThat(firstRefusal(connection)).containsIgnoringCase("Retry-After");
      }
      Writers writers = Writers.start(port, ledger);
      await(server, () -> writers.refusals() >= 1);
      int before = ledger.acknowledgedBodies();
      disk.free();
      await(server, () -> ledger.acknowledgedBodies() >= before + 200);
      ledger.discardUnsent();
      writers.join();
      try (Connection connection = new Connection(port)) {
        Connection.Answer flush = connection.post(FLUSH, "");
        assertThat(flush.status()).as(flush.body()).isEqualTo(200);
        assertThat(connection.get("/metrics").body()).contains("tidemark_disk_budget_bytes");
      }
      assertThat(server.terminate()).as(server.said()).isZero();
    }
  }

  // Rows of another database, so that the ledger need not know them.
  private static String firstRefusal(Connection connection) throws IOException {
    String body = "other v=1i 1\n".repeat(3000);
    for (int i = 0; i < 10_000; i++) {
      Connection.Answer answer = connection.post(WRITE.replace("nab", "other"), body);
      if (answer.status() != 204) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        return answer.head();
      }
    }
    throw new AssertionError("a full disk took everything");
  }

  private interface Claim {
    boolean holds();
  }

  private static void await(ChildServer server, Claim claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!claim.holds()) {
      if (!server.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain; the server wrote:\n" + server.said());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
