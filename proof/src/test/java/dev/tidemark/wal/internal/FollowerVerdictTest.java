package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.ReaderOptions;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.WalReader;
import dev.tidemark.wal.storage.Host;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a reader says of a log that is torn, damaged, dead or being changed at the moment of the
/// read.
@Timeout(60)
class FollowerVerdictTest {

  private static CorruptWalException corruptionIn(Cursor cursor) throws IOException {
    try {
      while (cursor.next()) {
        // up to the damage
      }
    } catch (CorruptWalException e) {
      assertThatThrownBy(cursor::next).as("from then on").isSameAs(e);
      return e;
    }
    throw new AssertionError("no corruption was found");
  }

  private static CorruptWalException corruptionIn(SimulatedDisk storage) throws IOException {
    try (WalReader reader = Follow.open(storage);
        Cursor cursor = reader.read(1)) {
      return corruptionIn(cursor);
    }
  }

  // ---- frames

  @Test
  void lastUnmarkedGroupOfADeadLogIsShownOnRequestAndMarked() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    assertThat(Follow.read(log.storage)).isEqualTo(Logs.expected(1, 2));
    assertThat(Follow.readUnproven(log.storage))
        .isEqualTo(List.of("1:record 1", "2:record 2", "3:record 3?"));
  }

  @Test
  void everythingBehindTheLastPromiseIsUnproven() throws IOException {
    Remains log = Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 4));
    assertThat(Follow.read(log.storage)).isEmpty();
    assertThat(Follow.readUnproven(log.storage))
        .isEqualTo(List.of("1:record 1?", "2:record 2?", "3:record 3?", "4:record 4?"));
  }

  @Test
  void badFrameAboveThePromiseIsNotYetThere() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    String newest = log.newest();
    byte[] whole = log.storage.bytes(newest);
    log.spoilPayload(newest, log.frames(newest).get(2));
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1);
        Cursor ahead = reader.readUnproven(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 2));
      assertThat(Follow.rest(ahead)).isEqualTo(Logs.expected(1, 2));
      assertThat(reader.lastLsn()).isEqualTo(2);
      log.storage.replace(newest, whole);
      assertThat(reader.lastLsn()).isEqualTo(3);
      log.forge(newest, FrameLayout.KIND_MARK, 0, 4, 3);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(3, 3));
      assertThat(Follow.rest(ahead)).isEqualTo(Logs.expected(3, 3));
    }
  }

  @Test
  void tornHeaderAboveThePromiseIsNotYetThere() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    Remains.Frame last = log.frames(log.newest()).get(2);
    log.storage.flip(log.newest(), last.offset() + 9, 1);
    assertThat(Follow.read(log.storage)).isEqualTo(Logs.expected(1, 1));
    assertThat(Follow.readUnproven(log.storage)).isEqualTo(List.of("1:record 1", "2:record 2?"));
  }

  @Test
  void badFrameAtOrBelowThePromiseIsCorruption() throws IOException {
    for (int damaged = 0; damaged < 2; damaged++) {
      Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
      Remains.Frame frame = log.frames(log.newest()).get(damaged);
      log.spoilPayload(log.newest(), frame);
      CorruptWalException found = corruptionIn(log.storage);
      assertThat(found.file()).isEqualTo(log.newest());
      assertThat(found.offset()).isEqualTo(frame.offset());
      assertThat(found.lostFrom()).isEqualTo(damaged + 1);
      assertThat(found.lostTo()).isEqualTo(2);
      assertThat(found).hasMessageContaining("memory").hasMessageContaining("damaged");
    }
  }

  @Test
  void damagedHeaderIsCorruptionIfOneBehindItPromisesItsRecords() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
    Remains.Frame frame = log.frames(log.newest()).get(2);
    log.storage.flip(log.newest(), frame.offset() + 9, 1);
    CorruptWalException found = corruptionIn(log.storage);
    assertThat(found.offset()).isEqualTo(frame.offset());
    assertThat(found.lostFrom()).isEqualTo(3);
    assertThat(found.lostTo()).isEqualTo(4);
  }

  @Test
  void frameThatBecameZerosIsFoundOnceTheLogStandsStill() throws Exception {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 5));
    log.zero(log.newest(), log.frames(log.newest()).get(2));
    FakeHost host = new FakeHost(1);
    try (WalReader reader =
            Wal.openReadOnly(new ReadOnlyStorage(log.storage), host, ReaderOptions.defaults());
        Cursor cursor = reader.read(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 1));
      host.advance(Duration.ofMillis(999));
      assertThat(cursor.next()).isFalse();
      host.advance(Duration.ofMillis(1));
      assertThat(Follow.restUntil(cursor, CorruptWalException.class))
          .isEqualTo(Logs.expected(2, 2));
    }
  }

  @Test
  void badFrameInASealedSegmentIsCorruption() throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 3);
              wal.rotate();
              Logs.append(wal, 4, 5);
            });
    String sealed = SegmentHeader.fileName(1);
    log.spoilPayload(sealed, log.frames(sealed).get(2));
    CorruptWalException found = corruptionIn(log.storage);
    assertThat(found.file()).isEqualTo(sealed);
    assertThat(found.lostFrom()).isEqualTo(3);
  }

  @Test
  void sealedSegmentThatDoesNotEndAsItsSuccessorSaysIsCorruption() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), 77, FrameLayout.FLAG_OPTIONAL, 4, 3);
    log = log.work(Logs.SMALL, wal -> {});
    String older = SegmentHeader.fileName(1);
    log.put(older, log.end(older) - 64, new byte[64]);
    log.forge(older, FrameLayout.KIND_MARK, 0, 4, 3);
    assertThat(corruptionIn(log.storage)).hasMessageContaining("does not end as the next one says");
  }

  @Test
  void tooNewFrameIsRefusedBehindEverythingPromised() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), 77, 0, 4, 3);
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      for (int n = 1; n <= 3; n++) {
        assertThat(cursor.next()).isTrue();
      }
      assertThat(corruptionIn(cursor)).hasMessageContaining("newer program");
    }
  }

  @Test
  void optionalFrameOfANewerProgramIsPassedOver() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.forge(log.newest(), 77, FrameLayout.FLAG_OPTIONAL, 4, 3);
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 3));
      log.work(Logs.SMALL, wal -> Logs.append(wal, 4, 6));
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(4, 6));
    }
  }

  // ---- segments and their headers

  @Test
  void missingSegmentIsCorruptionIfTheManifestNamesIt() throws IOException {
    Remains log = twoSegments();
    log.remove(SegmentHeader.fileName(1));
    assertThatThrownBy(() -> Follow.open(log.storage))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining("0000000000000001.wal")
        .hasMessageContaining("missing");
  }

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 3);
          wal.rotate();
          Logs.append(wal, 4, 6);
        });
  }

  @Test
  void segmentThatIsTakenAwayUnderACursorIsCorruption() throws IOException {
    Remains log = twoSegments();
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      log.remove(SegmentHeader.fileName(2));
      assertThat(corruptionIn(cursor).file()).isEqualTo(SegmentHeader.fileName(2));
    }
  }

  @Test
  void headerWithOneDamagedCopyIsRead() throws IOException {
    Remains log = twoSegments();
    log.storage.flip(SegmentHeader.fileName(1), 60, 1);
    log.storage.flip(SegmentHeader.fileName(2), 4096 - 100, 1);
    assertThat(Follow.read(log.storage)).isEqualTo(Logs.expected(1, 5));
  }

  @Test
  void headerWithBothCopiesDamagedIsCorruption() throws IOException {
    Remains log = twoSegments();
    log.storage.flip(SegmentHeader.fileName(1), 60, 1);
    log.storage.flip(SegmentHeader.fileName(1), 4096 - 256 + 60, 1);
    assertThatThrownBy(() -> Follow.open(log.storage))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining("both copies");
  }

  @Test
  void headerThatTheManifestDoesNotNameYetEndsTheSegmentBefore() throws IOException {
    Remains log = twoSegments();
    byte[] later = log.storage.bytes(Manifest.FILE);
    // As a crash between the second and the third step of an activation leaves it.
    for (long at : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      MemorySegment slot = MemorySegment.ofArray(later).asSlice(at, Manifest.SLOT_BYTES);
      if (Manifest.decode(slot) instanceof Manifest.Found.Valid(Manifest manifest)
          && manifest.lastNumber() == 2) {
        slot.fill((byte) 0);
      }
    }
    byte[] now = log.storage.bytes(Manifest.FILE);
    log.storage.replace(Manifest.FILE, later);
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      assertThat(log.manifest().lastNumber()).isEqualTo(1);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 5));
      log.storage.replace(Manifest.FILE, now);
      Logs.append(log.open(), 7, 8);
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(6, 7));
    }
  }

  // ---- the manifest

  @Test
  void manifestTornAtTheMomentOfTheReadIsReadAgain() throws IOException {
    Remains log = twoSegments();
    for (int torn = 1; torn <= 3; torn++) {
      int times = torn;
      ReadOnlyStorage storage =
          new ReadOnlyStorage(log.storage) {
            private int reads;

            @Override
            void afterRead(String name, long offset, MemorySegment bytes) {
              if (name.equals(Manifest.FILE) && reads++ < times) {
                bytes.set(ValueLayout.JAVA_BYTE, 40, (byte) 99);
                bytes.set(ValueLayout.JAVA_BYTE, Manifest.SECOND_SLOT_AT + 41, (byte) 99);
              }
            }
          };
      try (WalReader reader = Follow.open(storage)) {
        assertThat(Follow.read(reader, 1)).isEqualTo(Logs.expected(1, 5));
      }
    }
  }

  @Test
  void manifestWhoseNewerSlotIsTornForAMomentIsNoStepBack() throws IOException {
    Remains log = twoSegments();
    boolean[] torn = new boolean[1];
    ReadOnlyStorage storage =
        new ReadOnlyStorage(log.storage) {
          @Override
          void afterRead(String name, long offset, MemorySegment bytes) {
            if (torn[0] && name.equals(Manifest.FILE)) {
              torn[0] = false;
              for (long at : new long[] {0, Manifest.SECOND_SLOT_AT}) {
                if (Manifest.decode(bytes.asSlice(at, Manifest.SLOT_BYTES))
                        instanceof Manifest.Found.Valid(Manifest manifest)
                    && manifest.lastNumber() == 2) {
                  bytes.set(ValueLayout.JAVA_BYTE, at + 41, (byte) 99);
                }
              }
            }
          }
        };
    try (WalReader reader = Follow.open(storage)) {
      torn[0] = true;
      assertThat(reader.segments()).hasSize(2);
      assertThat(torn[0]).isFalse();
    }
  }

  @Test
  void segmentsRemovedBetweenTheManifestAndTheirHeadersAreNotMissing() throws Exception {
    SimulatedDisk memory = new SimulatedDisk();
    try (Wal wal = Wal.open(memory, new FakeHost(1), Logs.SMALL)) {
      Logs.append(wal, 1, 300);
      long[] reads = new long[1];
      ReadOnlyStorage storage =
          new ReadOnlyStorage(memory) {
            @Override
            void afterRead(String name, long offset, MemorySegment bytes) throws IOException {
              if (name.equals(Manifest.FILE) && reads[0]++ < 2) {
                wal.truncateBefore(100 * reads[0]);
              }
            }
          };
      try (WalReader reader = Follow.open(storage)) {
        assertThat(reads[0]).isGreaterThan(2);
        assertThat(reader.firstLsn()).isEqualTo(200).isEqualTo(wal.firstLsn());
        assertThat(Follow.read(reader, 200)).isEqualTo(Logs.expected(200, 299));
      }
    }
  }

  @Test
  void damagedManifestIsCorruption() throws IOException {
    Remains log = twoSegments();
    try (WalReader reader = Follow.open(log.storage)) {
      log.storage.replace(Manifest.FILE, new byte[8192]);
      assertThatThrownBy(reader::promisedLsn)
          .isInstanceOf(CorruptWalException.class)
          .hasMessageContaining("manifest")
          .hasMessageContaining("neither slot");
    }
    assertThatThrownBy(() -> Follow.open(log.storage)).isInstanceOf(CorruptWalException.class);
  }

  @Test
  void missingManifestIsCorruptionIfThereAreSegments() throws IOException {
    Remains log = twoSegments();
    log.remove(Manifest.FILE);
    assertThatThrownBy(() -> Follow.open(log.storage))
        .isInstanceOf(CorruptWalException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void olderCopyOfTheManifestIsCorruption() throws IOException {
    Remains log = twoSegments();
    byte[] older = log.storage.bytes(Manifest.FILE);
    log.work(Logs.SMALL, Wal::rotate);
    try (WalReader reader = Follow.open(log.storage)) {
      log.storage.replace(Manifest.FILE, older);
      assertThatThrownBy(reader::promisedLsn)
          .isInstanceOf(CorruptWalException.class)
          .hasMessageContaining("older than it was");
    }
  }

  @Test
  void anotherLogInItsPlaceIsCorruption() throws IOException {
    Remains log = twoSegments();
    Remains other = twoSegments();
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      for (String name : other.storage.list()) {
        log.storage.replace(name, other.storage.bytes(name));
      }
      assertThat(corruptionIn(cursor)).hasMessageContaining("another log");
    }
  }

  // ---- crash and recovery of the writer

  @Test
  void whatWasDeliveredIsStillThereAfterTheTailWasCut() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    log.spoilPayload(log.newest(), log.frames(log.newest()).get(2));
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 2));
      try (Wal wal = log.open()) {
        assertThat(wal.recovery().lastLsn()).isEqualTo(2);
        assertThat(cursor.next()).isFalse();
        Logs.append(wal, 4, 6); // LSN 3 is never given again: its header was seen
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(4, 5));
        assertThat(Follow.read(reader, 1))
            .isEqualTo(List.of("1:record 1", "2:record 2", "4:record 4", "5:record 5"));
      }
    }
  }

  @Test
  void unprovenRecordsAreDeliveredOnceARecoveryHasProvenThem() throws IOException {
    Remains log = Remains.of(Remains.NEVER_SYNCED, wal -> Logs.append(wal, 1, 4));
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      assertThat(cursor.next()).isFalse();
      try (Wal _ = log.open()) {
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 4));
      }
    }
  }

  @Test
  void batchWithoutItsEndIsNeverShown() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    String newest = log.newest();
    // A batch that was cut between two writes: whole frames, and no last one.
    log.forge(newest, FrameLayout.KIND_RECORDS, FrameLayout.FLAG_FIRST, 4, 3, 2);
    log.forge(newest, FrameLayout.KIND_RECORDS, 0, 6, 3, 2);
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1);
        Cursor ahead = reader.readUnproven(1)) {
      assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(1, 3));
      assertThat(Follow.rest(ahead)).isEqualTo(Logs.expected(1, 3));
      assertThat(reader.lastLsn()).isEqualTo(3);
      try (Wal wal = log.open()) {
        // The new segment promises LSNs above those of the batch; they speak of other records.
        Logs.append(wal, 8, 12);
        assertThat(Follow.rest(cursor)).isEqualTo(Logs.expected(8, 11));
        assertThat(Follow.rest(ahead).subList(0, 4)).isEqualTo(Logs.expected(8, 11));
      }
    }
  }

  @Test
  void cursorThatWentAheadOfThePromiseIsToldIfARecoveryDiscardsWhatItDelivered()
      throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 3));
    try (WalReader reader = Follow.open(log.storage);
        Cursor ahead = reader.readUnproven(1)) {
      assertThat(Follow.rest(ahead)).hasSize(3);
      // As if the page that held the last group had never reached the disk.
      log.zero(log.newest(), log.frames(log.newest()).get(2));
      try (Wal wal = log.open()) {
        Logs.append(wal, 3, 5);
        assertThatThrownBy(ahead::next)
            .isInstanceOfSatisfying(
                LsnGoneException.class, e -> assertThat(e.firstAvailable()).isEqualTo(3));
        assertThat(Follow.read(reader, 3)).isEqualTo(Logs.expected(3, 4));
      }
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
            wal -> {
              for (int n = 0; n < 3; n++) {
                wal.append(new byte[500]);
              }
            });
    Map<String, String> before = log.bytes();
    try (WalReader reader = Follow.open(log.storage);
        Cursor cursor = reader.read(1)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(cursor::next)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("codec " + HalvingCodec.ID);
      }
    }
    try (WalReader reader =
            Wal.openReadOnly(
                new ReadOnlyStorage(log.storage),
                Host.system(),
                ReaderOptions.defaults().withCompression(new HalvingCodec()));
        Cursor cursor = reader.read(1)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.bytes()).isEqualTo(new byte[500]);
    }
    assertThat(log.bytes()).isEqualTo(before);
  }
}
