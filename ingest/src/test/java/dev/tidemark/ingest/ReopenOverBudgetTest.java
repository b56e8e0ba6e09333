package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.ingest.budget.DiskBudget;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.StorageFullException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A log that failed while it had all its budget, and nothing in reserve any more.
@Timeout(60)
final class ReopenOverBudgetTest {
  private static final int SEGMENT = 64 << 10;
  private static final IngestOptions OPTIONS =
      IngestOptions.defaults()
          .withSegmentBytes(SEGMENT)
          .withDisk(DiskBudget.ofBytes(IngestOptions.leastDiskBytes(SEGMENT)));
  private static final String LOG = Logs.shard(0);

  @TempDir Path folder;

  @Test
  void opensAgainAndIsHeldToItsBudgetAgain() throws Exception {
    FaultyLogs logs = new FaultyLogs(folder, OPTIONS);
    Wal failed = logs.open(LOG, WalOptions.builder().segmentBytes(SEGMENT).build());
    Files.write(folder.resolve("wal").resolve("junk"), new byte[(int) OPTIONS.disk().bytes()]);
    long last = useUp(failed);
    logs.failSync(LOG, 1, new StorageFullException("segment: fdatasync: No space left on device"));
    assertThatThrownBy(() -> failed.appendControl(new byte[1]))
        .isInstanceOf(WalFailedException.class);

    try (Wal again = logs.reopen(LOG, failed)) {
      assertThat(again.lastLsn()).isBetween(last, last + 1);
      assertThat(logs.disk().leftBytes()).as("it has more than it may").isNegative();
      assertThatThrownBy(() -> useUpOrdinary(again)).isInstanceOf(WalFullException.class);
    }
  }

  /// Appends until not even a control record finds room, but for a small one.
  private static long useUp(Wal wal) throws Exception {
    long last = 0;
    for (int bytes = SEGMENT / 8; bytes >= 1024; bytes /= 2) {
      try {
        while (true) {
          last = wal.appendControl(new byte[bytes]);
        }
      } catch (WalFullException smallerOnes) {
        assertThat(smallerOnes).hasMessageNotContaining("failed");
      }
    }
    assertThat(wal.metrics().files().spares()).as("nothing is in reserve").isZero();
    return last;
  }

  private static void useUpOrdinary(Wal wal) throws Exception {
    for (int i = 0; i < 100; i++) {
      wal.append(new byte[SEGMENT / 8]);
    }
  }
}
