package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A device that answers `EIO` under a file system that is healthy: writes go to the page cache,
/// and the sync fails for real.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DeadDiskTest {
  private static final int THREADS = 8;
  private static final String SAID_BY_THE_KERNEL = "fdatasync: Input/output error (errno 5)";

  @Test
  void aSyncThatFailsForRealIsFinalTellsEverybodyAndLosesNothingAcknowledged() throws Exception {
    Optional<RealDisk> mounted =
        RealDisk.mounted(RealDisk.Kind.EXT4_CACHED, 0, "a sync that is answered EIO by a kernel");
    assumeTrue(mounted.isPresent(), "a file system can be mounted");
    try (RealDisk disk = mounted.orElseThrow()) {
      Path log = disk.root().resolve("log");
      long acknowledged;
      Wal wal = Wal.open(log, FillingProgram.OPTIONS);
      try {
        while (wal.lastLsn() < 100) {
          assertThat(FillingProgram.append(wal, false)).isTrue();
        }
        acknowledged = wal.lastLsn();
        disk.cutBelow();
        failsForAll(wal);
        assertThat(wal.durableLsn()).isEqualTo(acknowledged);
        assertThatThrownBy(wal::reopen)
            .as("while the disk is dead")
            .isInstanceOf(IOException.class);
      } finally {
        close(wal);
      }
      disk.mountAgain();
      try (Wal mended = Wal.open(log, FillingProgram.OPTIONS)) {
        assertThat(mended.recovery().lastLsn())
            .isBetween(acknowledged, acknowledged + 2 * THREADS + 1);
        assertThat(FillingProgram.append(mended, false)).isTrue();
      }
    }
  }

  private static void failsForAll(Wal wal) throws Exception {
    List<Future<Long>> appends = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < THREADS; i++) {
        appends.add(threads.submit(() -> wal.append(new byte[100])));
        appends.add(notWaiting(wal));
      }
    }
    for (Future<Long> append : appends) {
      assertThatThrownBy(append::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(WalFailedException.class)
          .hasMessageContaining(SAID_BY_THE_KERNEL);
    }
    assertThat(wal.metrics().failed()).isTrue();
    assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::rotate).isInstanceOf(WalFailedException.class);
  }

  private static CompletableFuture<Long> notWaiting(Wal wal) throws IOException {
    try {
      return wal.appendAsync(MemorySegment.ofArray(new byte[100]));
    } catch (WalFailedException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void close(Wal wal) {
    try {
      wal.close();
    } catch (IOException _) {
      // It says once more that it has failed.
    }
  }
}
