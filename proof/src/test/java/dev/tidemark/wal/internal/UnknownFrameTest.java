package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Frames that only a newer program writes.
@Timeout(60)
class UnknownFrameTest {
  private static final int KIND = 77;

  private static Remains withFrame(int flags) throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), KIND, flags, 4, 3);
    return log;
  }

  @Test
  void requiredOneRefusesTheLog() throws IOException {
    Remains log = withFrame(0);
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal).hasMessageContaining("newer program");
    assertThat(refusal.offset()).isEqualTo(log.end(log.newest()) - 64);
  }

  @Test
  void knownKindWithAnUnknownFlagRefusesTheLog() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), FrameLayout.KIND_MARK, 0x40, 4, 3);
    assertThat(TailVerdictTest.refused(log)).hasMessageContaining("newer program");
  }

  @Test
  void requiredOneBehindAGapRefusesTheLogToo() throws IOException {
    Remains log = withFrame(0);
    log.spoilPayload(log.newest(), log.frames(log.newest()).get(1));
    assertThat(TailVerdictTest.refused(log)).hasMessageContaining("newer program");
  }

  @Test
  void oneWithRecordsRefusesTheLogEvenIfItSaysThatItIsOptional() throws IOException {
    for (int flags : new int[] {0, FrameLayout.FLAG_OPTIONAL}) {
      Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
      log.forge(log.newest(), KIND, flags, 4, 3, 1);
      assertThat(TailVerdictTest.refused(log)).hasMessageContaining("newer program");
    }
  }

  @Test
  void optionalOneIsPassedOverAndKeepsItsPlaceInTheChain() throws IOException {
    Remains log = withFrame(FrameLayout.FLAG_OPTIONAL);
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().promisedLsn()).isEqualTo(3);
      Logs.append(wal, 4, 4);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 4));
    }
  }

  @Test
  void requiredOneInAnOlderSegmentIsFoundWhenItIsRead() throws IOException {
    olderSegmentEndsIn(KIND, "newer program");
  }

  @Test
  void olderSegmentWhoseLastFrameIsNotTheOneThatItsSuccessorNamesIsFoundWhenItIsRead()
      throws IOException {
    olderSegmentEndsIn(FrameLayout.KIND_MARK, "does not end as the next one says");
  }

  // Puts a frame with valid checksums in the place of the last one of a sealed segment.
  private static void olderSegmentEndsIn(int kind, String message) throws IOException {
    Remains log = withFrame(FrameLayout.FLAG_OPTIONAL).work(Logs.SMALL, wal -> {});
    String older = SegmentHeader.fileName(1);
    log.put(older, log.end(older) - 64, new byte[64]);
    log.forge(older, kind, 0, 4, 3);
    try (Wal wal = log.open()) {
      Logs.append(wal, 4, 4);
      assertThatThrownBy(() -> Logs.read(wal))
          .isInstanceOf(CorruptWalException.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void frameWhoseCodecIsNotToBeHadIsNotPassedOver() throws IOException {
    Remains log =
        Remains.of(
            WalOptions.builder()
                .segmentBytes(4096)
                .stagingBytes(1024)
                .compression(new HalvingCodec())
                .build(),
            wal -> wal.append(new byte[500]));
    try (Wal wal = log.open();
        Cursor cursor = wal.read(1)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(cursor::next)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("codec " + HalvingCodec.ID);
      }
    }
  }
}
