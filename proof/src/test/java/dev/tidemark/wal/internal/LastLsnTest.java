package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.OnCorruption;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Something names an LSN so large that few are left behind it, with checksums that are right:
/// nobody was ever given such a one, and no sum of LSNs may overflow.
@Timeout(60)
class LastLsnTest {
  private static final WalOptions SKIP =
      WalOptions.builder()
          .segmentBytes(4096)
          .stagingBytes(1024)
          .onCorruption(OnCorruption.SKIP)
          .build();

  private static Remains naming(long lsn) throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), FrameLayout.KIND_MARK, 0, lsn, 0);
    return log;
  }

  @Test
  void logThatNamesAnLsnNobodyWasGivenIsRefused() throws IOException {
    for (WalOptions options : new WalOptions[] {Logs.SMALL, SKIP}) {
      CorruptWalException refusal = naming(FrameLayout.LAST_START_LSN + 1).refused(options);
      assertThat(refusal)
          .hasMessageContaining("names LSN " + FrameLayout.LAST_START_LSN)
          .hasMessageContaining("look for a good copy");
    }
  }

  @Test
  void logGoesOnBehindTheLargestThatIsAllowed() throws IOException {
    try (Wal wal = naming(FrameLayout.LAST_START_LSN).open()) {
      assertThat(wal.append(new byte[1])).isEqualTo(FrameLayout.LAST_START_LSN);
    }
  }

  @Test
  void headerWithAnLsnBeyondAllIsNone() throws IOException {
    for (long lsn : new long[] {FrameLayout.LSNS, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      try (Wal wal = naming(lsn).open()) {
        assertThat(wal.append(new byte[1])).isEqualTo(4);
      }
    }
  }
}
