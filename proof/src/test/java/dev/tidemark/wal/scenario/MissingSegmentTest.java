package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 21: a segment is missing between others.
@Timeout(60)
class MissingSegmentTest {
  private static final int SEGMENTS = 5;

  private static Remains fiveSegments() throws IOException {
    return Remains.of(
        wal -> {
          for (int segment = 1; segment <= SEGMENTS; segment++) {
            Logs.append(wal, 10 * segment - 9, 10 * segment);
            if (segment < SEGMENTS) {
              wal.rotate();
            }
          }
          Logs.awaitSpares(wal);
        });
  }

  @Test
  void isRefusedWithItsNameAndItsLsnsAndOpensOnceItIsBack() throws IOException {
    Remains log = fiveSegments();
    for (int segment = 1; segment < SEGMENTS; segment++) {
      String name = Remains.segment(segment);
      byte[] bytes = log.storage.bytes(name);
      log.remove(name);
      CorruptWalException refusal = log.refused(Logs.SMALL);
      assertThat(refusal.file()).isEqualTo(name);
      assertThat(refusal.lostTo()).isEqualTo(10L * segment);
      assertThat(refusal).hasMessageContaining("is missing");
      log.storage.replace(name, bytes);
    }
    Scene.holdsAndGoesOn(log.storage, Logs.expected(1, 50));
  }

  @Test
  void severalAreRefusedByTheNewestThatIsMissing() throws IOException {
    for (int subset = 1; subset < 1 << (SEGMENTS - 1); subset++) {
      Remains log = fiveSegments();
      int newest = 0;
      for (int segment = 1; segment < SEGMENTS; segment++) {
        if (((subset >> (segment - 1)) & 1) == 1) {
          log.remove(Remains.segment(segment));
          newest = segment;
        }
      }
      assertThat(log.refused(Logs.SMALL).file()).isEqualTo(Remains.segment(newest));
    }
  }

  @Test
  void readerRefusesItToo() throws IOException {
    Remains log = fiveSegments();
    log.remove(Remains.segment(3));
    CorruptWalException refusal =
        catchThrowableOfType(CorruptWalException.class, () -> Follow.read(log.storage));
    assertThat(refusal.file()).isEqualTo(Remains.segment(3));
  }
}
