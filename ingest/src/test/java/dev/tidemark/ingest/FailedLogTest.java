package dev.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a sender is told when the log cannot take a body.
final class FailedLogTest {
  private static final IngestOptions OPTIONS = DataFolder.ON_DEMAND.withCloseTimeout(Duration.ZERO);

  @TempDir Path folder;

  // Written by the test before the calls that see it.
  private volatile boolean isFull;
  private volatile boolean isFailed;

  private Wal failing(Wal real) {
    return new PassingWal(real) {
      @Override
      public long append(MemorySegment payload) throws IOException {
        if (isFull) {
          throw new WalFullException("no space");
        }
        long lsn = super.append(payload);
        if (isFailed) {
          throw new WalFailedException("a sync failed", new IOException("EIO"));
        }
        return lsn;
      }

      @Override
      public long appendControl(MemorySegment payload) throws IOException {
        if (isFailed) {
          throw new WalFailedException("a sync failed", new IOException("EIO"));
        }
        return super.appendControl(payload);
      }
    };
  }

  @Test
  void aFullDiskIsUnavailableAndNothingIsStored() throws Exception {
    BrokenSink logs = new BrokenSink(folder, this::failing);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent())) {
      isFull = true;
      UnavailableException e =
          catchThrowableOfType(
              UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=1i 1\n")));
      assertThat(e.outcomeUnknown()).isFalse();
      isFull = false;
      ingest.write(DataFolder.body("cpu v=2i 2\n"));
      ingest.flush();
      assertThat(data.values("cpu", "v")).containsExactly("2");
    }
  }

  @Test
  void aFailedLogLeavesTheOutcomeUnknownUntilTheNextStart() throws Exception {
    BrokenSink logs = new BrokenSink(folder, this::failing);
    DataFolder data = new DataFolder(folder);
    try (Ingest ingest = new Ingest(logs, OPTIONS, RecoveryListener.silent())) {
      ingest.write(DataFolder.body("cpu v=1i 1\n"));
      isFailed = true;
      UnavailableException e =
          catchThrowableOfType(
              UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=2i 2\n")));
      assertThat(e.outcomeUnknown()).isTrue();
      assertThat(e).hasRootCauseMessage("EIO");
      assertThat(catchThrowableOfType(UnavailableException.class, ingest::flush))
          .as("a flush cannot log its intent either")
          .isNotNull();
      assertThat(ingest.healthy()).isFalse();
      UnavailableException later =
          catchThrowableOfType(
              UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=3i 3\n")));
      assertThat(later.outcomeUnknown()).as("nothing was tried").isFalse();
    }
    data.recovered();
    assertThat(data.values("cpu", "v")).containsExactly("1", "2");
  }

  @Test
  void afterCloseEverythingIsUnavailable() throws Exception {
    Ingest ingest = new DataFolder(folder).open();
    ingest.close();
    assertThat(
            catchThrowableOfType(
                UnavailableException.class, () -> ingest.write(DataFolder.body("cpu v=1 1\n"))))
        .hasMessage("closing");
    assertThat(catchThrowableOfType(UnavailableException.class, ingest::flush)).isNotNull();
    assertThat(ingest.healthy()).isFalse();
  }
}
