package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.RecoveryReport.RaisedAck;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SubscriptionStatus;
import dev.tidemark.wal.Wal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the file of subscriptions can look like, and what becomes of the log.
@Timeout(60)
class SubscriptionFileTest {
  private static final String FILE = SubscriptionFile.FILE;

  // Two subscriptions whose newest acks, 40 and 60, stand in one copy, and 20 and 60 in the other.
  private static Remains twoAcks() throws IOException {
    return Remains.of(
        wal -> {
          Logs.append(wal, 1, 100);
          try (Subscription a = wal.subscribe("a");
              Subscription b = wal.subscribe("b")) {
            a.ack(20);
            b.ack(60);
            a.ack(40);
          }
        });
  }

  private static long newestCopy(Remains log) throws IOException {
    SubscriptionBlock newest = SubscriptionFile.read(log.storage, log.manifest()).getFirst();
    return SubscriptionBlock.copyAt(0, newest.generation());
  }

  private static long otherCopy(Remains log) throws IOException {
    return SubscriptionBlock.BYTES - newestCopy(log);
  }

  private static CorruptWalException refused(Remains log) throws IOException {
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal.file()).isEqualTo(FILE);
    return refusal;
  }

  private static void acksAre(Remains log, long... acks) throws IOException {
    try (Wal wal = log.open()) {
      assertThat(wal.subscriptions().stream().mapToLong(SubscriptionStatus::acked))
          .containsExactly(Arrays.stream(acks).boxed().toArray(Long[]::new));
      assertThat(Logs.read(wal)).isEqualTo(Logs.expected(wal.firstLsn(), 100));
    }
  }

  @Test
  void newerOfTwoWholeCopiesHolds() throws IOException {
    acksAre(twoAcks(), 40, 60);
  }

  @Test
  void damagedCopyLeavesTheOther() throws IOException {
    Remains older = twoAcks();
    older.storage.flip(FILE, newestCopy(older) + 70, 1);
    acksAre(older, 20, 60);
    Remains newer = twoAcks();
    newer.storage.flip(FILE, otherCopy(newer) + 70, 1);
    acksAre(newer, 40, 60);
  }

  @Test
  void bothCopiesDamagedIsRefused() throws IOException {
    Remains log = twoAcks();
    log.storage.flip(FILE, 70, 1);
    log.storage.flip(FILE, 4096 + 70, 1);
    assertThat(refused(log)).hasMessageContaining("both copies of block 0");
  }

  @Test
  void missingOrShortenedFileIsRefused() throws IOException {
    Remains missing = twoAcks();
    missing.remove(FILE);
    assertThat(refused(missing)).hasMessageContaining("is missing");
    Remains empty = twoAcks();
    empty.storage.truncate(FILE, 0);
    refused(empty);
  }

  @Test
  void ackIsAPromise() throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 10);
              try (Subscription a = wal.subscribe("a")) {
                a.ack(10);
              }
            });
    log.zero(log.newest(), log.frames(log.newest()).getLast());
    CorruptWalException refusal = TailVerdictTest.refused(log);
    assertThat(refusal.lostTo()).isEqualTo(10);
  }

  @Test
  void ackFoundBelowTheMarkIsRaisedToItAndReported() throws IOException {
    Remains log =
        Remains.of(
            wal -> {
              Logs.append(wal, 1, 100);
              try (Subscription a = wal.subscribe("a")) {
                a.ack(20);
                a.ack(40);
              }
              wal.truncateBefore(41);
            });
    log.storage.flip(FILE, newestCopy(log) + 70, 1);
    try (Wal wal = log.open()) {
      assertThat(wal.recovery().raisedAcks()).containsExactly(new RaisedAck("a", 20, 40));
      assertThat(wal.recovery().toString()).contains("subscription a is damaged", "LSN 40");
      try (Subscription a = wal.subscribe("a")) {
        assertThat(a.acked()).isEqualTo(40);
        assertThat(a.next()).isTrue();
        assertThat(a.lsn()).isEqualTo(41);
      }
    }
  }

  @Test
  void damagedCopyTakesNoNameAwayAndBringsNoneBack() throws IOException {
    Remains added = Remains.of(wal -> wal.subscribe("a").close());
    added.storage.flip(FILE, newestCopy(added) + 70, 1);
    try (Wal wal = added.open()) {
      assertThat(wal.subscriptions()).hasSize(1);
    }
    Remains removed =
        Remains.of(
            wal -> {
              wal.subscribe("a").close();
              wal.unsubscribe("a");
            });
    removed.storage.flip(FILE, newestCopy(removed) + 70, 1);
    try (Wal wal = removed.open()) {
      assertThat(wal.subscriptions()).isEmpty();
    }
  }

  @Test
  void fileOfAnotherLogIsRefused() throws IOException {
    Remains log = twoAcks();
    log.storage.replace(FILE, twoAcksOfAnotherLog());
    assertThat(refused(log)).hasMessageContaining("another log");
  }

  private static byte[] twoAcksOfAnotherLog() throws IOException {
    SimulatedDisk other = new SimulatedDisk();
    try (Wal wal = Logs.open(other)) {
      wal.subscribe("a").close();
    }
    return other.bytes(FILE);
  }

  @Test
  void fileOfANewerVersionIsRefused() throws IOException {
    Remains log = twoAcks();
    int at = (int) newestCopy(log);
    byte[] bytes = log.storage.bytes(FILE);
    MemorySegment copy =
        MemorySegment.ofArray(Arrays.copyOfRange(bytes, at, at + SubscriptionBlock.BYTES));
    copy.set(FrameLayout.INT, 8, 9);
    SubscriptionBlock.end(copy);
    log.put(FILE, at, copy.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    assertThat(refused(log)).hasMessageContaining("format version 9");
  }

  @Test
  void blockThatTheManifestDoesNotCountIsNotRead() throws IOException {
    Remains log = twoAcks();
    byte[] longer = Arrays.copyOf(log.storage.bytes(FILE), 4 * SubscriptionBlock.BYTES);
    Arrays.fill(longer, 2 * SubscriptionBlock.BYTES, longer.length, (byte) 0x55);
    log.storage.replace(FILE, longer);
    acksAre(log, 40, 60);
  }

  @Test
  void leftoversOfAnUnfinishedCreationAreOverwritten() throws IOException {
    Remains log = Remains.of(wal -> Logs.append(wal, 1, 100));
    log.storage.replace(FILE, new byte[100]);
    log.storage.replace(SubscriptionFile.TEMPORARY, new byte[100]);
    try (Wal wal = log.open()) {
      assertThat(wal.subscriptions()).isEmpty();
      assertThat(log.storage.list()).doesNotContain(SubscriptionFile.TEMPORARY);
      wal.subscribe("a").close();
    }
    acksAre(log, 0);
  }

  @Test
  void nameWithAnImpossibleLengthIsDamageNotACrash() throws IOException {
    for (int length : new int[] {-1, 65, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      Remains log = twoAcks();
      for (int at = 0; at < 2 * SubscriptionBlock.BYTES; at += SubscriptionBlock.BYTES) {
        byte[] bytes = log.storage.bytes(FILE);
        MemorySegment copy =
            MemorySegment.ofArray(Arrays.copyOfRange(bytes, at, at + SubscriptionBlock.BYTES));
        copy.set(FrameLayout.INT, 64 + 8, length);
        SubscriptionBlock.end(copy);
        log.put(FILE, at, copy.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
      }
      refused(log);
    }
  }

  @Test
  void flippedBitsAndEveryLengthAreHarmlessOrRefused() throws IOException {
    long seed = System.nanoTime();
    System.out.println("sweep of the file of subscriptions, seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Remains log = twoAcks();
    int opened = 0;
    int refused = 0;
    for (int at = 0; at < 2 * SubscriptionBlock.BYTES; at += 1 + random.nextInt(16)) {
      SimulatedDisk flipped = log.storage.crash(Crash.keepingAll());
      flipped.flip(FILE, at, random.nextInt(8));
      assertThat(judge(flipped, "flipped at " + at)).isTrue();
      SimulatedDisk both = flipped.crash(Crash.keepingAll());
      both.flip(FILE, random.nextInt(2 * SubscriptionBlock.BYTES), random.nextInt(8));
      opened += judge(both, "flipped twice") ? 1 : 0;
      SimulatedDisk cut = log.storage.crash(Crash.keepingAll());
      cut.truncate(FILE, at);
      refused += judge(cut, "cut to " + at) ? 0 : 1;
    }
    System.out.println(opened + " opened, " + refused + " refused");
    assertThat(opened).isPositive();
    assertThat(refused).isPositive();
  }

  // Never a name that is none of ours, never an ack that was not given, never a record missing.
  private static boolean judge(SimulatedDisk damaged, String what) throws IOException {
    try (Wal wal = new Remains(damaged).open()) {
      List<SubscriptionStatus> all = wal.subscriptions();
      assertThat(all).as(what).extracting(SubscriptionStatus::name).containsExactly("a", "b");
      assertThat(all.getFirst().acked()).as(what).isIn(20L, 40L);
      assertThat(all.getLast().acked()).as(what).isEqualTo(60);
      assertThat(Logs.read(wal)).as(what).isEqualTo(Logs.expected(1, 100));
      return true;
    } catch (CorruptWalException e) {
      assertThat(e.file()).as(what).isEqualTo(FILE);
      return false;
    }
  }

  @Test
  void ackShownAfterAKillIsNotLostToThePowerCutBehindIt() throws IOException {
    SimulatedDisk storage = new SimulatedDisk();
    Wal first = Wal.open(storage, new dev.tidemark.testkit.host.FakeHost(1), Logs.SMALL);
    Logs.append(first, 1, 100);
    Subscription a = first.subscribe("a");
    Logs.awaitSpares(first);
    storage.faults().failedSyncsForget();
    storage
        .faults()
        .fail(dev.tidemark.testkit.disk.Faults.Operation.SYNC, 1, new IOException("no"));
    assertThatThrownBy(() -> a.ack(50)).isInstanceOf(IOException.class);
    assertThatThrownBy(first::close).isInstanceOf(IOException.class);
    storage.faults().clear();
    try (Wal wal = Logs.open(storage)) {
      assertThat(wal.subscriptions().getFirst().acked()).isEqualTo(50);
      wal.truncateBefore(51);
      try (Wal after = Logs.open(storage.crash(Crash.losingUnsynced()))) {
        assertThat(after.subscriptions().getFirst().acked()).isEqualTo(50);
        assertThat(after.recovery().raisedAcks()).isEmpty();
      }
    }
  }

  @Test
  void bothCopiesSayTheSameOnceTheLogWasOpened() throws IOException {
    Remains opened = twoAcks();
    opened.open().close();
    for (long copy : new long[] {0, SubscriptionBlock.BYTES}) {
      Remains log = new Remains(opened.storage.crash(Crash.losingUnsynced()));
      log.storage.flip(FILE, copy + 70, 1);
      acksAre(log, 40, 60);
    }
  }

  @Test
  void copyThatWasDamagedIsWholeAgainOnceTheLogWasOpened() throws IOException {
    Remains log = twoAcks();
    log.storage.flip(FILE, otherCopy(log) + 70, 1);
    log.open().close();
    log.storage.flip(FILE, newestCopy(log) + 70, 1);
    acksAre(log, 40, 60);
  }

  @Test
  void rotOfEitherManifestSlotForgetsNoSubscription() throws IOException {
    for (long slot : new long[] {0, Manifest.SECOND_SLOT_AT}) {
      Remains log = Remains.of(wal -> wal.subscribe("a").close());
      log.storage.flip(Manifest.FILE, slot + 50, 0);
      try (Wal wal = log.open()) {
        assertThat(wal.subscriptions()).hasSize(1);
      }
    }
  }
}
