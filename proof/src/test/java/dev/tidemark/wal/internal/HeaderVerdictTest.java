package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.internal.Remains.Frame;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What segment headers can look like, and what links them: one case for each way to be wrong.
@Timeout(60)
class HeaderVerdictTest {
  private static final String FIRST = SegmentHeader.fileName(1);
  private static final String SECOND = SegmentHeader.fileName(2);
  private static final String THIRD = SegmentHeader.fileName(3);

  /// Three segments of ten records each.
  private static Remains threeSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
          wal.rotate();
          Logs.append(wal, 21, 30);
          Logs.awaitSpares(wal);
        });
  }

  private static CorruptWalException refused(Remains log) {
    return TailVerdictTest.refused(log);
  }

  private static void holdsAll(Remains log) throws IOException {
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
    }
  }

  private static void spoilHeader(Remains log, String name, boolean first, boolean second) {
    if (first) {
      log.storage.flip(name, 70, 1);
    }
    if (second) {
      log.storage.flip(name, 4096 - SegmentHeader.BYTES + 70, 1);
    }
  }

  @Test
  void oneDamagedCopyOfAHeaderIsEnough() throws IOException {
    for (String name : List.of(FIRST, SECOND, THIRD)) {
      Remains log = threeSegments();
      spoilHeader(log, name, true, false);
      holdsAll(log);
      log = threeSegments();
      spoilHeader(log, name, false, true);
      holdsAll(log);
    }
  }

  @Test
  void activatedSegmentWithoutAHeaderIsCorruption() throws IOException {
    for (String name : List.of(FIRST, SECOND, THIRD)) {
      Remains log = threeSegments();
      spoilHeader(log, name, true, true);
      CorruptWalException refusal = refused(log);
      assertThat(refusal.file()).isEqualTo(name);
      assertThat(refusal).hasMessageContaining("both copies");
    }
  }

  @Test
  void missingSegmentIsCorruptionNamingFileAndLsn() throws IOException {
    Remains log = threeSegments();
    log.remove(SECOND);
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(SECOND);
    assertThat(refusal).hasMessageContaining("is missing");
    assertThat(refusal.lostTo()).isEqualTo(20);
  }

  @Test
  void missingNewestSegmentIsCorruption() throws IOException {
    Remains log = threeSegments();
    log.remove(THIRD);
    assertThat(refused(log).file()).isEqualTo(THIRD);
  }

  @Test
  void neverActivatedFileWithATornHeaderIsASpare() throws IOException {
    Remains log = threeSegments();
    String spare = SegmentHeader.fileName(4);
    byte[] torn = new byte[SegmentHeader.BYTES];
    Arrays.fill(torn, (byte) 3);
    log.put(spare, 0, torn);
    log.put(SegmentHeader.fileName(5), 0, torn);
    try (Wal wal = log.open()) {
      assertThat(wal.segments().getLast().number()).isEqualTo(4);
      assertThat(Chain.readHeader(log.storage, 5))
          .as("wiped before it counts as a spare")
          .isInstanceOf(SegmentHeader.Found.Zeros.class);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
      Logs.append(wal, 31, 31);
    }
    try (Wal wal = log.open()) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 31));
    }
  }

  @Test
  void segmentThatTheManifestDoesNotKnowYetIsAdopted() throws IOException {
    Remains log = threeSegments();
    byte[] before = log.storage.bytes(Manifest.FILE);
    Remains later = log.work(Logs.SMALL, wal -> {});
    assertThat(later.manifest().lastNumber()).isEqualTo(4);
    later.storage.replace(Manifest.FILE, before);
    try (Wal wal = later.open()) {
      assertThat(wal.recovery().segments()).isEqualTo(4);
      assertThat(later.manifest().lastNumber()).isEqualTo(4);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
    }
  }

  @Test
  void adoptedSegmentHasBothCopiesOfItsHeaderAgain() throws IOException {
    Remains log = threeSegments();
    byte[] before = log.storage.bytes(Manifest.FILE);
    Remains later = log.work(Logs.SMALL, wal -> {});
    later.storage.replace(Manifest.FILE, before);
    String adopted = SegmentHeader.fileName(4);
    spoilHeader(later, adopted, true, false);
    byte[] second = Arrays.copyOfRange(later.storage.bytes(adopted), 4096 - 256, 4096);
    later.open().close();
    assertThat(Arrays.copyOf(later.storage.bytes(adopted), 256)).isEqualTo(second);
  }

  @Test
  void olderCopyOfASegmentIsRefused() throws IOException {
    for (String name : List.of(SECOND, THIRD)) {
      Remains log = threeSegments();
      forgeHeader(log, name, 40, 99); // another nonce: another life of the file
      CorruptWalException refusal = refused(log);
      assertThat(refusal.file()).isEqualTo(name);
      assertThat(refusal).hasMessageContaining("copy?");
    }
  }

  @Test
  void segmentOfAnotherLogIsRefused() throws IOException {
    Remains log = threeSegments();
    forgeHeader(log, SECOND, 16, 99);
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(SECOND);
    assertThat(refusal).hasMessageContaining("another log");
  }

  @Test
  void segmentOfANewerVersionIsRefused() throws IOException {
    Remains log = threeSegments();
    forgeHeader(log, SECOND, 8, 7L | 256L << 32);
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(SECOND);
    assertThat(refusal).hasMessageContaining("format version 7");
  }

  @Test
  void segmentLinkedPastTheFirstOfTheLogIsRefused() throws IOException {
    Remains log = Remains.of(wal -> truncatedToTwo(wal));
    forgeHeader(log, SECOND, 64, 1);
    forgeHeader(log, THIRD, 64, 1);
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(THIRD);
    assertThat(refusal).hasMessageContaining("past");
  }

  private static void truncatedToTwo(Wal wal) throws IOException {
    Logs.append(wal, 1, 10);
    wal.rotate();
    Logs.append(wal, 11, 20);
    wal.rotate();
    Logs.append(wal, 21, 30);
    wal.truncateBefore(15);
  }

  @Test
  void gapsInTheNumbersAreNoError() throws IOException {
    Remains log = threeSegments();
    log.remove(SegmentHeader.fileName(4));
    try (Wal wal = log.open()) {
      assertThat(wal.segments().getLast().number()).isEqualTo(5);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 30));
    }
  }

  @Test
  void impossibleEndOfThePredecessorIsRefused() throws IOException {
    for (long end : new long[] {0, 4096, 1L << 40}) {
      Remains log = threeSegments();
      forgeHeader(log, THIRD, 80, end);
      assertThat(refused(log).file()).isEqualTo(THIRD);
    }
  }

  @Test
  void overlappingLsnsAreRefused() throws IOException {
    Remains log = threeSegments();
    forgeHeader(log, THIRD, 88, 5); // segment 2 begins with 11
    assertThat(refused(log).file()).isEqualTo(THIRD);
  }

  @Test
  void copyOfASegmentUnderAnotherNumberIsNoSegment() throws IOException {
    Remains log = threeSegments();
    log.storage.replace(SegmentHeader.fileName(9), log.storage.bytes(THIRD));
    holdsAll(log);
  }

  @Test
  void sealedSegmentWhoseFramesDoNotReachItsEndIsFoundWhenItIsRead() throws IOException {
    Remains log = threeSegments();
    Frame damaged = log.frames(SECOND).get(4);
    log.spoilPayload(SECOND, damaged);
    try (Wal wal = log.open();
        Cursor cursor = wal.read(1)) {
      for (int lsn = 1; lsn <= 14; lsn++) {
        assertThat(cursor.next()).isTrue();
      }
      CorruptWalException found = catchThrowableOfType(CorruptWalException.class, cursor::next);
      assertThat(found.file()).isEqualTo(SECOND);
      assertThat(found.offset()).isEqualTo(damaged.offset());
      assertThat(found.lostFrom()).isEqualTo(15);
      assertThat(found.lostTo()).isEqualTo(20);
      assertThat(catchThrowableOfType(CorruptWalException.class, cursor::next)).isSameAs(found);
      assertThat(Logs.read(wal, 21)).isEqualTo(Logs.expected(21, 30));
    }
  }

  @Test
  void bytesBehindTheEndOfASealedSegmentAreDead() throws IOException {
    Remains log = threeSegments();
    log.put(FIRST, log.end(FIRST), new byte[] {1, 2, 3});
    holdsAll(log);
  }

  @Test
  void sealedSegmentCutShortIsRefused() throws IOException {
    Remains log = threeSegments();
    log.storage.truncate(FIRST, log.end(FIRST) - 1);
    CorruptWalException refusal = refused(log);
    assertThat(refusal.file()).isEqualTo(FIRST);
  }

  @Test
  void foreignFilesAreLeftAlone() throws IOException {
    Remains log = threeSegments();
    List<String> foreign = List.of("notes.txt", "1.wal", FIRST + ".bak", "x.tmp", "0000.wal.tmp");
    foreign.forEach(name -> log.storage.replace(name, new byte[] {1}));
    holdsAll(log);
    assertThat(log.storage.list()).containsAll(foreign);
  }

  @Test
  void whatAnInterruptedPreparationLeftIsRemoved() throws IOException {
    Remains log = threeSegments();
    String left = SegmentHeader.fileName(77) + SegmentFiles.TEMPORARY;
    log.storage.replace(left, new byte[5000]);
    holdsAll(log);
    assertThat(log.storage.list()).doesNotContain(left);
  }

  @Test
  void emptyNewestSegmentIsGoneOnIn() throws IOException {
    Remains log = threeSegments().work(Logs.SMALL, wal -> {});
    String newest = log.newest();
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CLEAN_END);
      assertThat(SegmentHeader.fileName(wal.segments().getLast().number())).isEqualTo(newest);
      Logs.append(wal, 31, 31);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 31));
    }
  }

  /// Changes eight bytes of both copies of a header, and makes its checksums right.
  static void forgeHeader(Remains log, String name, int at, long value) {
    byte[] bytes = log.storage.bytes(name);
    MemorySegment copy = MemorySegment.ofArray(Arrays.copyOf(bytes, SegmentHeader.BYTES));
    copy.set(FrameLayout.LONG, at, value);
    CRC32C crc = new CRC32C();
    byte[] header = copy.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    crc.update(header, 0, SegmentHeader.BYTES - 4);
    copy.set(FrameLayout.INT, SegmentHeader.BYTES - 4, (int) crc.getValue());
    header = copy.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    log.put(name, 0, header);
    log.put(name, bytes.length - SegmentHeader.BYTES, header);
  }
}
