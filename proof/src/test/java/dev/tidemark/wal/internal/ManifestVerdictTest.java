package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.RecoveryReport.Verdict;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the two slots of the manifest can look like, and what becomes of the log.
@Timeout(60)
class ManifestVerdictTest {

  private static Remains twoSegments() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 10);
          wal.rotate();
          Logs.append(wal, 11, 20);
        });
  }

  private static void spoil(Remains log, long slot) {
    log.storage.flip(Manifest.FILE, slot + 50, 0);
  }

  @Test
  void tornSlotLeavesTheOther() throws IOException {
    for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      Remains log = twoSegments();
      spoil(log, slot);
      try (Wal wal = log.open()) {
        assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 20));
      }
    }
  }

  @Test
  void bothSlotsDamagedWhileThereAreSegmentsIsRefused() throws IOException {
    Remains log = twoSegments();
    spoil(log, 0);
    spoil(log, Manifest.SECOND_SLOT_AT);
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal.file()).isEqualTo(Manifest.FILE);
    assertThat(refusal).hasMessageContaining("damaged while there are segments");
  }

  @Test
  void missingManifestWhileThereAreSegmentsIsRefused() throws IOException {
    Remains log = twoSegments();
    log.remove(Manifest.FILE);
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal).hasMessageContaining("missing while there are segments");
  }

  @Test
  void missingManifestBesideSegmentsWhoseHeadersAreDamagedIsRefused() throws IOException {
    Remains log = twoSegments();
    log.remove(Manifest.FILE);
    for (long number = 1; number <= 2; number++) {
      log.storage.flip(SegmentHeader.fileName(number), 60, 0);
      log.storage.flip(SegmentHeader.fileName(number), 4096 - 256 + 60, 0);
    }
    TailVerdictTest.refused(log);
  }

  @Test
  void missingManifestBesideSegmentsOfANewerVersionIsRefused() throws IOException {
    Remains log = twoSegments();
    log.remove(Manifest.FILE);
    log.remove(SegmentHeader.fileName(2));
    newVersion(log, SegmentHeader.fileName(1), 0);
    newVersion(log, SegmentHeader.fileName(1), 4096 - 256);
    TailVerdictTest.refused(log);
  }

  @Test
  void manifestOfANewerVersionIsRefused() throws IOException {
    Remains log = twoSegments();
    newVersion(log, Manifest.FILE, 0);
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal.file()).isEqualTo(Manifest.FILE);
    assertThat(refusal).hasMessageContaining("format version 9");
  }

  @Test
  void unfinishedCreationStartsAgain() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    storage.replace(Manifest.FILE, new byte[(int) Manifest.FILE_BYTES]);
    storage.replace(Manifest.FILE + ".tmp", new byte[10]);
    storage.replace(SegmentHeader.fileName(1), new byte[4096]);
    try (Wal wal = Logs.open(storage)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CREATED);
      Logs.append(wal, 1, 3);
    }
    try (Wal wal = Logs.open(storage)) {
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 3));
    }
  }

  @Test
  void emptyManifestFileIsAnUnfinishedCreation() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    storage.replace(Manifest.FILE, new byte[0]);
    try (Wal wal = Logs.open(storage)) {
      assertThat(wal.recovery().verdict()).isEqualTo(Verdict.CREATED);
    }
  }

  @Test
  void lowWaterMarkIsAPromise() throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              wal.truncateBefore(11);
            });
    log.zero(log.newest(), log.frames(log.newest()).getLast());
    assertThat(TailVerdictTest.refused(log).lostTo()).isEqualTo(10);
  }

  private static void newVersion(Remains log, String name, int at) {
    byte[] bytes = log.storage.bytes(name);
    MemorySegment copy = MemorySegment.ofArray(java.util.Arrays.copyOfRange(bytes, at, at + 256));
    copy.set(FrameLayout.INT, 8, 9);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(copy.toArray(ValueLayout.JAVA_BYTE), 0, 252);
    copy.set(FrameLayout.INT, 252, (int) crc.getValue());
    log.put(name, at, copy.toArray(ValueLayout.JAVA_BYTE));
  }
}
