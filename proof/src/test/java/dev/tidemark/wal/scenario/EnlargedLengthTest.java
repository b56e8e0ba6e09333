package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 8: a length in the middle of the log becomes larger: by a flipped bit, or, with
/// checksums that are right, by somebody who means harm.
@Timeout(60)
class EnlargedLengthTest {
  private static final int RECORDS_AT = 16;
  private static final int STORED_AT = 20;
  private static final int RAW_AT = 24;
  private static final int FIRST_RECORD_AT = 64;
  private static final int[] LARGE = {
    100, 4096, 1 << 20, 1 << 30, (1 << 30) + 4, Integer.MAX_VALUE, -1, Integer.MIN_VALUE
  };

  private static Remains tenSynced() throws IOException {
    return Remains.of(wal -> Logs.append(wal, 1, 10));
  }

  @Test
  void flippedBitInALengthIsCorruptionAndNoTornTail() throws IOException {
    Remains whole = tenSynced();
    Frame fifth = whole.frames(whole.newest()).get(4);
    for (int at : new int[] {RECORDS_AT, STORED_AT, RAW_AT}) {
      for (int bit = 0; bit < 32; bit++) {
        Remains log = new Remains(Scene.killed(whole.storage));
        log.storage.flip(log.newest(), fifth.offset() + at + bit / 8, bit % 8);
        CorruptWalException refusal = log.refused(Logs.SMALL);
        assertThat(refusal.offset()).isEqualTo(fifth.offset());
        assertThat(refusal.lostFrom()).isEqualTo(5);
        assertThat(refusal.lostTo()).isEqualTo(9);
      }
    }
  }

  @Test
  void forgedLengthOfAFrameIsRefusedAndNothingOfThatSizeIsAllocated() throws IOException {
    Remains whole = tenSynced();
    Frame fifth = whole.frames(whole.newest()).get(4);
    for (int length : LARGE) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.forgeInt(log.newest(), fifth, RAW_AT, length);
      log.forgeInt(log.newest(), fifth, STORED_AT, length);
      long before = allocated();
      assertThat(log.refused(Logs.SMALL).lostFrom()).isBetween(5L, 6L);
      assertThat(allocated() - before).isLessThan(50L << 20);
    }
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void forgedLengthOfARecordIsFoundWhenItIsRead() throws IOException {
    Remains whole = tenSynced();
    Frame last = whole.frames(whole.newest()).getLast(); // nothing behind it names its checksum
    for (int length : LARGE) {
      Remains log = new Remains(Scene.killed(whole.storage));
      log.forgeInt(log.newest(), last, FIRST_RECORD_AT, length);
      assertThat(Follow.read(log.storage)).isEqualTo(Logs.expected(1, 9));
      try (Wal wal = log.open();
          Cursor cursor = wal.read(10)) {
        if (length == -1) {
          continue; // says that the record is void, and has bytes all the same
        }
        assertThat(catchThrowableOfType(CorruptWalException.class, cursor::next)).isNotNull();
      }
    }
  }
}
