package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The catalog's log fails while the shard's goes on.
@Timeout(60)
class FailedCatalogTest {
  @TempDir Path folder;

  // Written by the test before the calls that see it.
  private volatile boolean isFailed;

  @Test
  void isNotHealthyAlthoughKnownColumnsAreStillTaken() throws Exception {
    try (Ingest ingest =
        new Ingest(new FailingCatalog(), IngestOptions.defaults(), RecoveryListener.silent())) {
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
      assertThat(ingest.healthy()).isTrue();
      isFailed = true;
      assertThat(ingest.healthy()).isFalse();
      assertThat(ingest.failure()).contains("catalog").contains("a sync failed");
      ingest.write(DataFolder.body("cpu v=2i 2\n"));
      assertThat(
              catchThrowableOfType(
                  UnavailableException.class,
                  () -> ingest.write(DataFolder.body("cpu other=1i 3\n"))))
          .hasMessageContaining("catalog");
    }
  }

  /// Real logs; that of the catalog fails when the test says so.
  private final class FailingCatalog extends PassingLogs {

    FailingCatalog() throws IOException {
      super(Logs.in(folder, IngestOptions.defaults()));
    }

    @Override
    public Wal open(String name, WalOptions options) throws IOException {
      Wal wal = super.open(name, options);
      return name.equals(Logs.CATALOG) ? new FailingWal(wal) : wal;
    }
  }

  private final class FailingWal extends PassingWal {
    FailingWal(Wal real) {
      super(real);
    }

    private void check() throws WalFailedException {
      if (isFailed) {
        throw new WalFailedException("a sync failed", new IOException("EIO"));
      }
    }

    @Override
    public long append(Batch batch) throws IOException {
      check();
      return super.append(batch);
    }

    @Override
    public boolean awaitDurableBeyond(long lsn, Duration timeout)
        throws WalFailedException, InterruptedException {
      check();
      return super.awaitDurableBeyond(lsn, timeout);
    }
  }
}
