package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.Faults;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.FakeHost;
import dev.tidemark.wal.Checkpoint;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.SnapshotWriter;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFailedException;
import dev.tidemark.wal.WalFullException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How checkpoints are taken and read, what they let go, and what is left when that fails.
@Timeout(60)
class CheckpointTest {
  private final SimulatedDisk storage = new SimulatedDisk();

  private Wal open() throws IOException {
    return Wal.open(storage, new FakeHost(1), Logs.SMALL);
  }

  private static SnapshotWriter state(int bytes) {
    return target -> target.write(content(bytes));
  }

  static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      content[i] = (byte) (i * 13 + bytes);
    }
    return content;
  }

  static byte[] read(Wal wal) throws IOException {
    try (InputStream in = wal.checkpoint().orElseThrow().open()) {
      return in.readAllBytes();
    }
  }

  private List<String> files() {
    return storage.fileNames().stream().filter(name -> name.startsWith("checkpoint")).toList();
  }

  // ---- what is promised

  @Test
  void snapshotOfAnySizeIsReadBackByteForByte() throws Exception {
    int piece = CheckpointLayout.PIECE_BYTES;
    for (int bytes : new int[] {0, 1, piece - 1, piece, piece + 1, 2 * piece, 300_000}) {
      SimulatedDisk disk = new SimulatedDisk();
      try (Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL)) {
        Logs.append(wal, 1, 10);
        Checkpoint made = wal.checkpoint(7, state(bytes));
        assertThat(made.lsn()).isEqualTo(7);
        assertThat(made.bytes()).isEqualTo(bytes);
        assertThat(read(wal)).isEqualTo(content(bytes));
      }
      try (Wal wal = Wal.open(disk.crash(Crash.losingUnsynced()), new FakeHost(1), Logs.SMALL)) {
        assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(7);
        assertThat(read(wal)).isEqualTo(content(bytes));
        assertThat(wal.recovery().damagedCheckpoint()).isEmpty();
      }
    }
  }

  @Test
  void snapshotMayBeWrittenAndReadInOddPieces() throws Exception {
    byte[] content = content(200_000);
    try (Wal wal = open()) {
      wal.checkpoint(
          0,
          target -> {
            int at = 0;
            for (int size = 1; at < content.length; size = size * 3 + 1) {
              int count = Math.min(size, content.length - at);
              if (count == 1) {
                target.write(content[at]);
              } else {
                target.write(content, at, count);
              }
              at += count;
            }
            target.close();
            assertThatThrownBy(() -> target.write(1)).isInstanceOf(IOException.class);
          });
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        assertThat(in.read()).isEqualTo(content[0] & 0xff);
        byte[] some = new byte[100_000];
        int at = 1;
        for (int count = in.read(some, 5, 77); count >= 0; count = in.read(some)) {
          int from = at == 1 ? 5 : 0;
          assertThat(Arrays.copyOfRange(some, from, from + count))
              .isEqualTo(Arrays.copyOfRange(content, at, at + count));
          at += count;
        }
        assertThat(at).isEqualTo(content.length);
      }
    }
  }

  @Test
  void verifiedCheckpointLetsTheMarkRiseAsFarAsItsHoldersAllow() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      wal.subscribe("slow").close();
      wal.checkpoint(150, state(10));
      assertThat(wal.firstLsn()).isEqualTo(1);
      Cursor cursor = wal.read(60);
      wal.unsubscribe("slow");
      wal.checkpoint(160, state(10));
      assertThat(wal.firstLsn()).isEqualTo(60);
      cursor.close();
      wal.checkpoint(161, state(10));
      assertThat(wal.firstLsn()).isEqualTo(162);
      assertThat(Logs.read(wal, 162)).isEqualTo(Logs.expected(162, 200));
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void logThatIsPrunedByItsSubscriptionsKeepsWhatItsCheckpointNeeds() throws Exception {
    try (Wal wal = Wal.open(storage, new FakeHost(1), SubscriptionTest.PRUNED)) {
      Logs.append(wal, 1, 200);
      wal.checkpoint(50, state(10));
      assertThat(wal.firstLsn()).as("nobody subscribed").isEqualTo(1);
      try (Subscription a = wal.subscribe("a")) {
        a.ack(180);
      }
      while (wal.firstLsn() < 51) {
        Thread.onSpinWait();
      }
      assertThat(wal.firstLsn()).isEqualTo(51);
      wal.checkpoint(190, state(10));
      assertThat(wal.firstLsn()).isEqualTo(181);
    }
  }

  @Test
  void truncatingBeyondTheCheckpointIsRefused() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      wal.checkpoint(100, state(10));
      assertThatThrownBy(() -> wal.truncateBefore(102))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at LSN 100");
      wal.truncateBefore(101);
      wal.truncateBefore(5);
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(101, 200));
    }
  }

  @Test
  void checkpointAheadOfTheLogBehindTheMarkOrOlderThanTheNewestIsRefused() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      assertThatThrownBy(() -> wal.checkpoint(201, state(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("last LSN is 200");
      assertThatThrownBy(() -> wal.checkpoint(-1, state(1)))
          .isInstanceOf(IllegalArgumentException.class);
      wal.truncateBefore(100);
      assertThatThrownBy(() -> wal.checkpoint(98, state(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("were removed up to 99");
      wal.checkpoint(120, state(1));
      assertThatThrownBy(() -> wal.checkpoint(119, state(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("there is a checkpoint at LSN 120");
      wal.checkpoint(120, state(2));
      assertThat(read(wal)).isEqualTo(content(2));
      assertThat(files()).hasSize(1);
    }
  }

  @Test
  void logIsDurableUpToTheCheckpointBeforeTheSnapshotIsWritten() throws Exception {
    try (Wal wal = Wal.open(storage, new FakeHost(1), Remains.NEVER_SYNCED)) {
      Logs.append(wal, 1, 10);
      wal.checkpoint(10, target -> assertThat(wal.durableLsn()).isEqualTo(10));
    }
  }

  @Test
  void markCannotPassACheckpointThatIsBeingWritten() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 200);
      wal.checkpoint(
          50,
          target -> {
            wal.truncateBefore(150);
            assertThat(wal.firstLsn()).isEqualTo(51);
            Logs.append(wal, 201, 201);
            assertThatThrownBy(() -> wal.checkpoint(60, state(1)))
                .isInstanceOf(IllegalStateException.class);
          });
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(51, 201));
    }
  }

  @Test
  void checkpointIsAPromise() throws Exception {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              wal.checkpoint(10, state(5));
            });
    log.zero(log.newest(), log.frames(log.newest()).getLast());
    assertThat(TailVerdictTest.refused(log).lostTo()).isEqualTo(10);
  }

  @Test
  void streamOfACheckpointThatWasReplacedIsReadToItsEnd() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      Checkpoint old = wal.checkpoint(5, state(200_000));
      try (InputStream in = old.open()) {
        assertThat(in.read()).isEqualTo(content(200_000)[0] & 0xff);
        wal.checkpoint(6, state(10));
        assertThat(in.readAllBytes()).hasSize(199_999);
      }
      assertThatThrownBy(old::open)
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageContaining("newer checkpoint");
    }
  }

  // ---- until it is verified

  @Test
  void unverifiedCheckpointKeepsTheOneBeforeAndItsSegmentsUntilTheNextOpen() throws Exception {
    storage.cacheStays();
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
      assertThat(wal.firstLsn()).isEqualTo(1);
      assertThatThrownBy(() -> wal.truncateBefore(20))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not verified yet");
    }
    try (Wal wal = open()) {
      while (wal.firstLsn() < 51) {
        Thread.onSpinWait(); // it was verified
      }
      wal.checkpoint(80, state(20));
      wal.checkpoint(90, state(30));
      assertThat(wal.firstLsn()).isEqualTo(51);
      assertThat(files()).as("the verified one and the newest").hasSize(2);
      assertThat(read(wal)).isEqualTo(content(30));
      wal.truncateBefore(51);
    }
    try (Wal wal = open()) {
      while (wal.firstLsn() < 91) {
        Thread.onSpinWait();
      }
      assertThat(files()).hasSize(1);
      assertThat(read(wal)).isEqualTo(content(30));
    }
  }

  @Test
  void diskThatDoesNotHoldWhatWasWrittenIsFoundOutAndTheOldOneStays() throws Exception {
    String second = new CheckpointStamp(60, 2, 0, 0, false).fileName();
    AtomicBoolean rotten = new AtomicBoolean();
    Runnable rot =
        () -> {
          if (storage.fileNames().contains(second) && !rotten.getAndSet(true)) {
            storage.flipUnseen(second, 50, 3);
          }
        };
    try (Wal wal = Wal.open(new WatchedStorage(storage, rot), new FakeHost(1), Logs.SMALL)) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
      assertThatThrownBy(() -> wal.checkpoint(60, state(100)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not hold");
      assertThat(read(wal)).isEqualTo(content(10));
      assertThat(files()).hasSize(1);
      wal.checkpoint(60, state(100));
    }
    try (Wal wal = open()) {
      assertThat(read(wal)).isEqualTo(content(100));
    }
  }

  // ---- when it fails

  @Test
  void snapshotThatThrowsLeavesTheOldOneAndAHealthyLog() throws Exception {
    for (Exception thrown :
        List.of(
            new IOException("no"),
            new IllegalStateException("no"),
            new WalFullException("no", new IOException()))) {
      try (Wal wal = Wal.open(new SimulatedDisk(), new FakeHost(1), Logs.SMALL)) {
        Logs.append(wal, 1, 100);
        wal.checkpoint(50, state(10));
        assertThatThrownBy(() -> wal.checkpoint(60, target -> thrower(target, thrown)))
            .isSameAs(thrown);
        assertThat(read(wal)).isEqualTo(content(10));
        Logs.append(wal, 101, 101);
        wal.checkpoint(70, state(20));
        assertThat(read(wal)).isEqualTo(content(20));
      }
    }
  }

  private static void thrower(OutputStream target, Exception thrown) throws IOException {
    target.write(content(100_000));
    if (thrown instanceof IOException e) {
      throw e;
    }
    throw (RuntimeException) thrown;
  }

  @Test
  void fullDiskLeavesTheOldOneAndAHealthyLog() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
      Logs.awaitSpares(wal);
      storage.capacity(storage.usedBytes() + 50_000);
      assertThatThrownBy(() -> wal.checkpoint(60, state(100_000)))
          .isInstanceOf(WalFullException.class);
      assertThat(read(wal)).isEqualTo(content(10));
      assertThat(files()).hasSize(1);
      Logs.append(wal, 101, 101);
    }
    try (Wal wal = open()) {
      assertThat(read(wal)).isEqualTo(content(10));
    }
  }

  @Test
  void everyCallThatFailsOnceLeavesTheOldOrTheNewOne() throws Exception {
    int failed = 0;
    for (Faults.Operation call : Faults.Operation.values()) {
      for (int n = 1; n < 8; n++) {
        SimulatedDisk disk = new SimulatedDisk();
        long lsn = 50;
        Wal wal = Wal.open(disk, new FakeHost(1), Logs.SMALL);
        Logs.append(wal, 1, 100);
        wal.checkpoint(50, state(100_000));
        Logs.awaitSpares(wal);
        disk.faults().failedSyncsForget();
        disk.faults().fail(call, n, new IOException("broken"));
        try (wal) {
          wal.checkpoint(60, state(100_001));
          lsn = 60;
          wal.append(new byte[1]);
        } catch (IOException e) {
          failed++;
        }
        disk.faults().clear();
        for (Crash crash : List.of(Crash.keepingAll(), Crash.losingUnsynced())) {
          try (Wal after = Wal.open(disk.crash(crash), new FakeHost(1), Logs.SMALL)) {
            long found = after.checkpoint().orElseThrow().lsn();
            assertThat(found).as(call + " " + n).isGreaterThanOrEqualTo(lsn);
            assertThat(read(after)).isEqualTo(content(found == 50 ? 100_000 : 100_001));
            assertThat(after.firstLsn()).isLessThanOrEqualTo(found + 1);
          }
        }
      }
    }
    assertThat(failed).isGreaterThan(15);
  }

  @Test
  void manifestThatCannotBeChangedFailsTheLog() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 100);
    Logs.awaitSpares(wal);
    storage.faults().fail(Faults.Operation.SYNC, 2, new IOException("broken"));
    assertThatThrownBy(() -> wal.checkpoint(50, state(10))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> wal.append(new byte[1])).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(() -> wal.checkpoint(60, state(10))).isInstanceOf(WalFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(WalFailedException.class);
    try (Wal after = open()) {
      assertThat(after.checkpoint().orElseThrow().lsn()).isEqualTo(50);
      assertThat(read(after)).isEqualTo(content(10));
    }
  }

  @Test
  void closedLogTakesNone() throws Exception {
    Wal wal = open();
    Logs.append(wal, 1, 10);
    wal.close();
    assertThatThrownBy(() -> wal.checkpoint(5, state(1))).isInstanceOf(IllegalStateException.class);
    assertThat(files()).isEmpty();
  }

  // ---- what opening finds

  @Test
  void damagedUnverifiedCheckpointFallsBackToTheOneBeforeAndIsSetAside() throws Exception {
    storage.cacheStays();
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
    }
    try (Wal wal = open()) {
      wal.checkpoint(80, state(20));
    }
    String newest = files().getLast();
    storage.flip(newest, 7, 1);
    try (Wal wal = open()) {
      assertThat(wal.recovery().damagedCheckpoint()).isEqualTo(newest);
      assertThat(wal.recovery().toString()).contains(newest + " is damaged");
      assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(50);
      assertThat(read(wal)).isEqualTo(content(10));
      assertThat(Logs.read(wal, 51)).isEqualTo(Logs.expected(51, 100));
      assertThat(files()).contains(newest + FoundCheckpoints.SET_ASIDE);
      wal.checkpoint(80, state(30));
    }
    try (Wal wal = open()) {
      assertThat(wal.recovery().damagedCheckpoint()).isEmpty();
      assertThat(read(wal)).isEqualTo(content(30));
    }
  }

  @Test
  void firstCheckpointThatWasNeverVerifiedAndIsDamagedLeavesTheWholeLog() throws Exception {
    storage.cacheStays();
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
    }
    storage.delete(files().getFirst());
    storage.syncDirectory();
    try (Wal wal = open()) {
      assertThat(wal.recovery().damagedCheckpoint()).isNotEmpty();
      assertThat(wal.checkpoint()).isEmpty();
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(1, 100));
      wal.truncateBefore(60);
    }
  }

  @Test
  void noCheckpointLeftThatWasReliedUponIsCorruption() throws Exception {
    storage.cacheStays();
    try (Wal wal = open()) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
    }
    try (Wal wal = open()) {
      wal.checkpoint(80, state(20));
    }
    for (String name : files()) {
      storage.flip(name, 7, 1);
    }
    CorruptWalException refusal = TailVerdictTest.refused(new Remains(storage));
    assertThat(refusal.file()).isEqualTo(files().getFirst());
    assertThat(refusal).hasMessageContaining("the newer one is damaged too");
  }

  @Test
  void verifiedCheckpointThatIsMissingCutOrAnotherIsCorruption() throws Exception {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 100);
              wal.checkpoint(50, state(10));
            });
    String name = new CheckpointStamp(50, 1, 0, 0, false).fileName();
    Remains missing = new Remains(log.storage.crash(Crash.keepingAll()));
    missing.remove(name);
    assertThat(TailVerdictTest.refused(missing)).hasMessageContaining("is missing");
    Remains cut = new Remains(log.storage.crash(Crash.keepingAll()));
    cut.storage.truncate(name, 30);
    assertThat(TailVerdictTest.refused(cut)).hasMessageContaining("is 30 bytes");
    Remains other = new Remains(log.storage.crash(Crash.keepingAll()));
    other.storage.replace(name, checkpointOfAnotherLog());
    assertThat(TailVerdictTest.refused(other)).hasMessageContaining("not the checkpoint");
  }

  private static byte[] checkpointOfAnotherLog() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    try (Wal wal = Logs.open(disk)) {
      Logs.append(wal, 1, 100);
      wal.checkpoint(50, state(10));
    }
    return disk.bytes(new CheckpointStamp(50, 1, 0, 0, false).fileName());
  }

  @Test
  void damageInAVerifiedCheckpointIsFoundWhereItIsReadAndNothingBehindItIsDelivered()
      throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      wal.checkpoint(5, state(200_000));
      storage.flip(files().getFirst(), 70_000, 1);
      try (InputStream in = wal.checkpoint().orElseThrow().open()) {
        assertThat(in.readNBytes(CheckpointLayout.PIECE_BYTES))
            .isEqualTo(Arrays.copyOf(content(200_000), CheckpointLayout.PIECE_BYTES));
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(in::read)
              .isInstanceOf(CorruptWalException.class)
              .hasMessageContaining("snapshot is damaged");
        }
      }
      storage.delete(files().getFirst());
      assertThatThrownBy(() -> wal.checkpoint().orElseThrow().open())
          .isInstanceOf(CorruptWalException.class)
          .hasMessageContaining("is missing");
    }
  }

  @Test
  void filesThatTheManifestDoesNotNameGoAtOpenAndTheirNumbersAreNotUsedAgain() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      wal.checkpoint(5, state(10));
    }
    String later = new CheckpointStamp(8, 41, 0, 0, false).fileName();
    storage.replace(later, new byte[10]);
    storage.replace(later + ".tmp", new byte[10]);
    storage.replace("checkpoint-notes.txt", new byte[10]);
    try (Wal wal = open()) {
      assertThat(files()).doesNotContain(later, later + ".tmp").contains("checkpoint-notes.txt");
      wal.checkpoint(8, state(11));
      assertThat(files()).contains(new CheckpointStamp(8, 42, 0, 0, false).fileName());
    }
  }

  @Test
  void aFlippedBitInEveryByteOfAnUnverifiedCheckpointIsFound() throws Exception {
    storage.cacheStays();
    try (Wal wal = open()) {
      Logs.append(wal, 1, 10);
      wal.checkpoint(5, state(500));
    }
    String name = files().getFirst();
    for (int at = 0; at < CheckpointLayout.fileBytes(500); at++) {
      SimulatedDisk damaged = storage.crash(Crash.keepingAll());
      damaged.flip(name, at, at % 8);
      try (Wal wal = new Remains(damaged).open()) {
        assertThat(wal.recovery().damagedCheckpoint()).as("byte " + at).isEqualTo(name);
        assertThat(wal.checkpoint()).isEmpty();
      }
    }
  }

  @Test
  void snapshotWriterThatPassesOverAFailedWriteTakesNoCheckpoint() throws Exception {
    try (Wal wal = open()) {
      Logs.append(wal, 1, 20);
      Logs.awaitSpares(wal);
      wal.checkpoint(5, state(10));
      byte[] piece = content(CheckpointLayout.PIECE_BYTES);
      assertThatThrownBy(
              () ->
                  wal.checkpoint(
                      7,
                      target -> {
                        storage.faults().fail(Faults.Operation.WRITE, 1, new IOException("broken"));
                        for (int i = 0; i < 4; i++) {
                          try {
                            target.write(piece);
                          } catch (IOException _) {
                            // as code does that only counts its successes
                          }
                        }
                      }))
          .hasMessageContaining("broken");
      assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(5);
      assertThat(wal.checkpoint(8, state(20)).lsn()).isEqualTo(8);
    }
  }

  @Test
  void rotOfEitherManifestSlotAfterACheckpointHarmsNothing() throws Exception {
    for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      Remains log =
          Remains.of(
              wal -> {
                Logs.append(wal, 1, 20);
                wal.checkpoint(5, state(10));
                wal.checkpoint(7, state(20));
              });
      log.storage.flip(Manifest.FILE, slot + 50, 0);
      try (Wal wal = log.open()) {
        assertThat(wal.checkpoint().orElseThrow().lsn()).isEqualTo(7);
        assertThat(read(wal)).isEqualTo(content(20));
      }
    }
  }
}
