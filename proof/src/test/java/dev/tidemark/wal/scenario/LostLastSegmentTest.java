package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 23: the last segment is lost after its records were acknowledged.
@Timeout(60)
class LostLastSegmentTest {

  private static Remains segments(int count) throws IOException {
    return Remains.of(
        wal -> {
          for (int i = 0; i < count; i++) {
            if (i > 0) {
              wal.rotate();
            }
            Logs.append(wal, 5 * i + 1, 5 * i + 5);
          }
          Logs.awaitSpares(wal);
        });
  }

  @Test
  void isRefusedByNameHoweverManyThereWere() throws IOException {
    for (int count = 1; count <= 4; count++) {
      Remains log = segments(count);
      log.remove(Remains.segment(count));
      CorruptWalException refusal = log.refused(Logs.SMALL);
      assertThat(refusal.file()).isEqualTo(Remains.segment(count));
      assertThat(catchThrowableOfType(CorruptWalException.class, () -> Follow.read(log.storage)))
          .isNotNull();
    }
  }

  @Test
  void isRefusedIfItIsThereAndEmptyShortOrZeros() throws IOException {
    for (int bytes : new int[] {0, 100, 256, 1000, 4096}) {
      Remains log = segments(2);
      log.storage.replace(Remains.segment(2), new byte[bytes]);
      assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(2));
    }
  }

  @Test
  void isRefusedAfterACloseToo() throws IOException {
    Remains log = segments(1);
    try (Wal wal = log.open()) {
      Logs.append(wal, 6, 6);
    }
    log.remove(log.newest());
    assertThat(log.refused(Logs.SMALL)).isNotNull();
  }

  @Test
  void allSegmentsLostIsRefusedAndNoNewLog() throws IOException {
    Remains log = segments(3);
    for (String name : log.storage.list()) {
      if (name.endsWith(".wal")) {
        log.remove(name);
      }
    }
    assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(3));
  }
}
