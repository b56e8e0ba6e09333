package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A frame of an older segment names another LSN than its place gives it, and its checksums are
/// right: what no disk does, and a bug or somebody who means harm might. Opening does not read
/// older segments unless asked to, so it is the cursor that must see it.
@Timeout(60)
class ForgedLsnTest {
  private static final int THIRD = 2;

  private static Remains forged(int lsn) throws IOException {
    Remains log = twoSegments();
    Frame third = log.frames(Remains.segment(1)).get(THIRD);
    assertThat(third.firstLsn()).isEqualTo(THIRD + 1);
    log.forgeInt(Remains.segment(1), third, FrameLayout.FIRST_LSN_AT, lsn);
    return log;
  }

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        Remains.NEVER_SYNCED,
        wal -> {
          Logs.append(wal, 1, 5);
          wal.rotate();
          Logs.append(wal, 6, 7);
          wal.sync();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 1000, Integer.MAX_VALUE})
  void recordIsNeverShownUnderAnotherLsnThanItsOwn(int forged) throws IOException {
    Remains log = forged(forged);
    Frame third = twoSegments().frames(Remains.segment(1)).get(THIRD);
    try (Wal wal = log.open();
        Cursor cursor = wal.read()) {
      for (long lsn = 1; lsn <= THIRD; lsn++) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.lsn()).isEqualTo(lsn);
      }
      CorruptWalException refusal = catchThrowableOfType(CorruptWalException.class, cursor::next);
      assertThat(refusal).hasMessageContaining("names LSN " + forged);
      assertThat(refusal.offset()).isEqualTo(third.offset());
      assertThat(refusal.lostFrom()).isEqualTo(third.firstLsn());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 1000, Integer.MAX_VALUE})
  void recordIsNeverShownToAReaderUnderAnotherLsnThanItsOwn(int forged) throws IOException {
    Remains log = forged(forged);
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      for (long lsn = 1; lsn <= THIRD; lsn++) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.lsn()).isEqualTo(lsn);
      }
      assertThat(catchThrowableOfType(CorruptWalException.class, cursor::next)).isNotNull();
    }
  }
}
