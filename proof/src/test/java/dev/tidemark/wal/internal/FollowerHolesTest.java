package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A reader beside a log in which there are holes. What it is shown of each kind of salvage,
/// [SalvageTest] looks at too.
@Timeout(60)
class FollowerHolesTest {
  private static final String SECOND = SegmentHeader.fileName(2);

  @Test
  void segmentRemovedByHandIsPassedOver() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (Wal wal = log.open();
        WalReader reader = Follow.open(log.storage);
        Cursor before = reader.read(1);
        Cursor within = reader.read(12)) {
      assertThat(before.next()).isTrue();
      assertThat(within.next()).isTrue();
      wal.removeSegment(2);
      assertThat(Follow.rest(before))
          .isEqualTo(SalvageTest.allBut(30, 1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
      // What it had read already it may still deliver; what was cut off is passed over.
      assertThat(Follow.rest(within)).endsWith(Logs.expected(21, 30).toArray(String[]::new));
      assertThat(Follow.read(reader, 15)).isEqualTo(Logs.expected(21, 30));
      assertThat(reader.segments().subList(0, 2)).isEqualTo(wal.segments().subList(0, 2));
    }
  }

  @Test
  void damageThatWasAcceptedWhileItWasFollowedIsPassedOver() throws IOException {
    Remains log = SalvageTest.threeSegments();
    log.spoilPayload(SECOND, log.frames(SECOND).get(4));
    try (WalReader reader = Follow.open(log.storage);
        Cursor early = reader.read(1);
        Cursor late = reader.read(1)) {
      assertThat(Follow.restUntil(early, CorruptWalException.class))
          .isEqualTo(Logs.expected(1, 14));
      assertThat(late.next()).isTrue();
      try (Wal wal = log.open(SalvageTest.SKIP)) {
        assertThat(wal.holes()).hasSize(1);
        assertThat(Follow.rest(late)).isEqualTo(SalvageTest.allBut(30, 1, 15));
        Logs.append(wal, 31, 33);
        assertThat(Follow.rest(late)).isEqualTo(Logs.expected(31, 32));
      }
    }
  }

  @Test
  void headerThatASalvageMadeUpTakesThePlaceOfTheOneThatWasKnown() throws IOException {
    Remains log = SalvageTest.threeSegments();
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      assertThat(cursor.next()).isTrue();
      log.storage.flip(SECOND, 60, 1);
      log.storage.flip(SECOND, 4096 - 256 + 60, 1);
      try (Wal wal = log.open(SalvageTest.SKIP)) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(2, 30));
      }
    }
  }
}
