package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.internal.Follow;
import dev.tidemark.wal.internal.Logs;
import dev.tidemark.wal.internal.Remains;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Scenario 7: a bit flips in the payload of a record that was durable long ago.
@Timeout(60)
class FlippedPayloadTest {
  private static final WalOptions VERIFIED =
      WalOptions.builder().segmentBytes(4096).stagingBytes(1024).verifyOnOpen(true).build();

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
          Logs.awaitSpares(wal);
        });
  }

  private static CorruptWalException found(Cursor cursor, int before) throws IOException {
    for (int lsn = 1; lsn <= before; lsn++) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.bytes()).isEqualTo(Logs.record(lsn));
    }
    CorruptWalException found = catchThrowableOfType(CorruptWalException.class, cursor::next);
    assertThat(catchThrowableOfType(CorruptWalException.class, cursor::next)).isSameAs(found);
    return found;
  }

  @Test
  void isFoundWhereverItIsReadWithFilePlaceAndLsn() throws IOException {
    Remains whole = twoSegments();
    String name = Remains.segment(1);
    Frame fifth = whole.frames(name).get(4);
    for (int bit = 0; bit < 12 * 8; bit++) { // length and bytes of the record
      Remains log = new Remains(Scene.killed(whole.storage));
      log.storage.flip(name, fifth.offset() + 64 + bit / 8, bit % 8);
      try (Wal wal = log.open();
          Cursor cursor = wal.read()) {
        CorruptWalException found = found(cursor, 4);
        assertThat(found.file()).isEqualTo(name);
        assertThat(found.offset()).isEqualTo(fifth.offset());
        assertThat(found.lostFrom()).isEqualTo(5);
        assertThat(Logs.read(wal, 11)).isEqualTo(Logs.expected(11, 20)); // the rest is there
      }
      try (WalReader reader = Follow.open(log.storage);
          Cursor cursor = reader.read()) {
        assertThat(found(cursor, 4).offset()).isEqualTo(fifth.offset());
      }
    }
  }

  @Test
  void isFoundAtOpenIfThatIsAskedForAndThenNothingIsChanged() throws IOException {
    Remains log = twoSegments();
    log.spoilPayload(Remains.segment(1), log.frames(Remains.segment(1)).get(4));
    assertThat(log.refused(VERIFIED).offset())
        .isEqualTo(log.frames(Remains.segment(1)).getLast().end());
    assertThat(
            catchThrowableOfType(
                CorruptWalException.class, () -> Wal.check(log.storage, new FakeHost(1), VERIFIED)))
        .isNotNull();
  }

  @Test
  void inTheNewestSegmentIsFoundAtOpen() throws IOException {
    Remains whole = twoSegments();
    for (int i = 0; i < 9; i++) { // nothing vouches for the last
      Remains log = new Remains(Scene.killed(whole.storage));
      Frame frame = log.frames(log.newest()).get(i);
      log.spoilPayload(log.newest(), frame);
      assertThat(log.refused(Logs.SMALL).lostFrom()).isEqualTo(11 + i);
    }
  }

  @Test
  void whileTheLogIsOpenIsFoundByEachCursorThatComesByAndTheLogGoesOn() throws IOException {
    Remains log = twoSegments();
    try (Wal wal = log.open();
        Cursor cursor = wal.read()) {
      assertThat(cursor.next()).isTrue();
      log.spoilPayload(Remains.segment(2), log.frames(Remains.segment(2)).get(3));
      try (Cursor later = wal.read()) {
        assertThat(found(later, 13).file()).isEqualTo(Remains.segment(2));
      }
      assertThat(wal.append(Logs.record(21))).isEqualTo(21);
      assertThat(Logs.read(wal, 21)).isEqualTo(Logs.expected(21, 21));
    }
  }
}
